#include "api/provider_webhook.h"

#include <limits.h>
#include <stdatomic.h>

#include "app/session/provider_event.h"
#include "base/log.h"
#include "port/provider.h"

/* The provider waits 5 s for our answer (didit-api.md 7.2). */
#define READ_LIMIT seconds(3)

/* Anybody can make us say these, and a burst makes us say them often: a line a minute has to do. */
#define SAY_EVERY minutes(1)
#define NEVER_SAID INT64_MIN

/* One for the process, which has one webhook. */
struct said {
	_Atomic int64_t at; /* ticks */
	atomic_int times;   /* since then */
};

static struct said refused = { NEVER_SAID, 0 }, put_off = { NEVER_SAID, 0 };

/* How often it happened since it was last said, this time with it; 0: it is not to be said now. */
static int times_to_say(struct said *said, const struct world *world)
{
	const int64_t now = world_ticks(world);
	int64_t last = atomic_load(&said->at);
	const bool due = last == NEVER_SAID || now < last || now - last >= SAY_EVERY.ms;

	if (atomic_load(&said->times) < INT_MAX)
		atomic_fetch_add(&said->times, 1);
	return due && atomic_compare_exchange_strong(&said->at, &last, now) ? atomic_exchange(&said->times, 0)
									    : 0;
}

static void say_refused(const struct world *world)
{
	const int times = times_to_say(&refused, world);

	if (times > 0)
		log_event(LOG_WARN, "provider_events_bad_signature", LOG_NUMBER("times", times),
			LOG_TEXT("reason",
				"their signature is not by our secret, or their time is more than 5 minutes off"),
			LOG_TEXT("action",
				"compare KYCD_DIDIT_WEBHOOK_SECRET with the provider's console, and look at "
				"this machine's clock"));
}

static void say_put_off(const struct world *world, enum err e)
{
	const int times = times_to_say(&put_off, world);

	if (times > 0)
		log_event(LOG_WARN, "provider_events_deferred", LOG_NUMBER("times", times),
			LOG_TEXT("reason",
				e == ERR_BUSY
					? "the provider may not be asked what they are about just now: the "
					  "minute's readings are used up, too many are under way, or it "
					  "is taken to be down"
					: "the provider was asked what they are about, and did not tell"),
			LOG_TEXT("effect",
				"they are answered 503 and come again; else their sessions are read when they are due"));
}

static struct reply say_received(struct call *call)
{
	(void)call;
	return respond_text(200, "application/json; charset=utf-8", STR("{\"received\":true}"));
}

static struct reply take_notice(struct call *call, const struct provider_event *event)
{
	struct actor actor = call->caller.actor; /* in this call */
	enum provider_event_verdict verdict;

	actor.kind = ACTOR_PROVIDER;
	/* When the provider is asked and does not tell, the event shall come again. */
	const enum err e = provider_event_process(call->world, &actor, event, READ_LIMIT, &verdict);
	if (e != OK) {
		if (verdict == PROVIDER_EVENT_MUST_POLL && (e == ERR_BUSY || e == ERR_UPSTREAM))
			say_put_off(call->world, e);
		else
			log_event(LOG_ERROR, "provider_event_failed", LOG_WORD("err", err_name(e)));
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(60));
	}
	if (verdict == PROVIDER_EVENT_RETRY_LATER)
		return respond(call->arena, ANSWER_SESSION_NOT_FOUND);
	return say_received(call);
}

struct reply handle_didit_webhook(struct call *call, struct store *store maybe_unused)
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
		.marked_test = str_eq(request_header(request, STR("x-didit-test-webhook")), STR("true")),
	};
	struct provider_event *const event = arena_new(call->arena, struct provider_event);

	if (call->world->rules->provider_events_off)
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	if (!event)
		return respond_failure(call->arena, ERR_INTERNAL, ANSWER_UNAVAILABLE);
	switch (provider->ops->parse_event(provider, &webhook, world_now(call->world), call->arena, event)) {
	case EVENT_PARSE_OK:
		return take_notice(call, event);
	case EVENT_PARSE_BAD_SIGNATURE:
		say_refused(call->world);
		return respond(call->arena, ANSWER_INVALID_SIGNATURE);
	case EVENT_PARSE_MALFORMED:
		break;
	}
	return respond(call->arena, ANSWER_BAD_REQUEST);
}
