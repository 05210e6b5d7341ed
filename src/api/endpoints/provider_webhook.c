#include "api/endpoints/routes.h"

#include "app/session/provider_event.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "port/provider.h"

/* The time limit for reading the session from the provider. The provider waits 5 s for the response to its
 * event (didit-api.md 7.2). */
#define POLL_LIMIT seconds(3)

/* These limits allow one log line per minute for each kind of problem, because anyone can send invalid
 * events, and a burst of events repeats the same problem. They are static because a process has only one
 * webhook endpoint. */
static struct log_limit bad_signature_limit, deferred_limit;

static void log_bad_signature(const struct world *world)
{
	const int times = log_limit_count(&bad_signature_limit, world_ticks(world));

	if (times > 0)
		log_event(LOG_WARN, "provider_events_bad_signature", LOG_NUMBER("times", times),
			LOG_TEXT("reason",
				"the signature does not match the webhook secret, or the timestamp is more than "
				"5 minutes off"),
			LOG_TEXT("action",
				"compare KYCD_DIDIT_WEBHOOK_SECRET with the provider's console, and check this "
				"machine's clock"));
}

static void log_deferred(const struct world *world, enum err e)
{
	const int times = log_limit_count(&deferred_limit, world_ticks(world));

	if (times > 0)
		log_event(LOG_WARN, "provider_events_deferred", LOG_NUMBER("times", times),
			LOG_TEXT("reason",
				e == ERR_BUSY
					? "the session cannot be read from the provider now: the rate limit is "
					  "reached, too many reads are running, or the provider is down"
					: "the session could not be read from the provider"),
			LOG_TEXT("effect",
				"they are answered 503 and sent again; otherwise the sessions are polled when due"));
}

static struct reply process_event(struct call *call, const struct provider_event *event)
{
	struct actor actor = call->caller.actor;
	enum provider_event_verdict verdict;

	actor.kind = ACTOR_PROVIDER;
	/* If this returns an error, the response makes the provider send the event again. */
	const enum err e = provider_event_process(call->world, &actor, event, POLL_LIMIT, &verdict);
	if (e != OK) {
		if (verdict == PROVIDER_EVENT_MUST_POLL && (e == ERR_BUSY || e == ERR_UPSTREAM))
			log_deferred(call->world, e);
		else
			log_event(LOG_ERROR, "provider_event_failed", LOG_WORD("err", err_name(e)));
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(60));
	}
	if (verdict == PROVIDER_EVENT_RETRY_LATER)
		return respond(call->arena, ANSWER_SESSION_NOT_FOUND);
	return respond_text(200, JSON_TYPE, STR("{\"received\":true}"));
}

static struct reply handle_didit_webhook(struct call *call, struct store *store maybe_unused)
{
	const struct request *const request = call->request;
	struct provider *const provider = call->world->provider;
	const struct provider_webhook webhook = {
		.signature = request_header(request, STR("x-signature")),
		.timestamp = request_header(request, STR("x-timestamp")),
		.signature_v2 = request_header(request, STR("x-signature-v2")),
		.signature_simple = request_header(request, STR("x-signature-simple")),
		.body = request->body,
		.n_signatures = request_header_count(request, STR("x-signature")),
		.n_timestamps = request_header_count(request, STR("x-timestamp")),
		.n_signatures_v2 = request_header_count(request, STR("x-signature-v2")),
		.n_signatures_simple = request_header_count(request, STR("x-signature-simple")),
		.marked_test = str_eq_nocase(
			request_header(request, STR("x-didit-test-webhook")), STR("true")),
	};
	struct provider_event *const event = arena_new(call->arena, struct provider_event);

	if (call->world->rules->provider_events_off)
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	if (!event)
		return respond_failure(call->arena, ERR_INTERNAL, ANSWER_UNAVAILABLE);
	switch (provider->ops->parse_event(provider, &webhook, world_now(call->world), call->arena, event)) {
	case EVENT_PARSE_OK:
		return process_event(call, event);
	case EVENT_PARSE_BAD_SIGNATURE:
		log_bad_signature(call->world);
		return respond(call->arena, ANSWER_INVALID_SIGNATURE);
	case EVENT_PARSE_MALFORMED:
		break;
	}
	return respond(call->arena, ANSWER_BAD_REQUEST);
}

/* clang-format off */
static const struct schema_member received_members[] = { { "received", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
static const struct json_schema received_schema = SCHEMA(received_members);
static const struct plain_response received = { 200, "received", "application/json", &received_schema, "The event is stored." };
/* clang-format on */

const struct route didit_webhook_route = {
	.entry = { METHOD_POST, "/webhooks/didit" },
	HANDLE_WAITING(handle_didit_webhook),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "receiveDiditEvent",
			.group = "Provider",
			.summary = "Receive an event from Didit",
			.description =
				"Called by Didit. 404: the session is not known yet, because it was created just "
				"now; Didit sends the event again.",
			RESPONSES({ .answer = ANSWER_INVALID_SIGNATURE },
				{ .answer = ANSWER_SESSION_NOT_FOUND }),
			.plain = { &received },
			PARAMS({ IN_HEADER, "X-Signature", true,
				       "6f1b0c9a5d2e4f7a8b3c6d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c",
				       NULL,
				       "HMAC-SHA256 of the raw body under the webhook secret, in hex." },
				{ IN_HEADER, "X-Timestamp", true, "1767607200", NULL,
					"Seconds since 1970. Events that are more than 300 s off are refused." }),
			.example_body = "{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"status\":"
					"\"Approved\",\"created_at\":1767606000,\"timestamp\":1767607200,"
					"\"vendor_data\":\"0193f2a4c5d67b89\"}",
		},
};
