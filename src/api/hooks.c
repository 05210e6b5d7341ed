#include "api/hooks.h"

#include "app/notice.h"
#include "base/log.h"
#include "port/provider.h"

/* The provider waits 5 s for our answer (didit-api.md 7.2). */
#define READ_LIMIT seconds(3)

static struct reply say_received(struct call *call)
{
	(void)call;
	return say_text(200, "application/json; charset=utf-8", STR("{\"received\":true}"));
}

static struct reply take_notice(struct call *call, const struct notice *notice)
{
	struct actor actor = call->caller.actor; /* in this call */
	enum notice_verdict verdict;

	actor.kind = ACTOR_PROVIDER;
	/* When the provider is asked and does not tell, the event shall come again. */
	const enum err e = app_hear(call->world, &actor, notice, READ_LIMIT, &verdict);
	if (e != OK) {
		log_fact(LOG_ERROR, "event_failed", LOG_WORD("err", err_name(e)));
		return say_wait(call->arena, ANSWER_UNAVAILABLE, seconds(60));
	}
	if (verdict == NOTICE_UNKNOWN_YOUNG)
		return say(call->arena, ANSWER_SESSION_NOT_FOUND);
	return say_received(call);
}

struct reply take_didit_event(struct call *call, struct store *store unused)
{
	const struct request *const request = call->request;
	struct provider *const provider = call->world->provider;
	const struct event_parts parts = {
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
	struct notice *const notice = arena_new(call->arena, struct notice);

	if (call->world->rules->events_off)
		return say(call->arena, ANSWER_ROUTE_NOT_FOUND);
	if (!notice)
		return say_failure(call->arena, ERR_INTERNAL, ANSWER_UNAVAILABLE);
	switch (provider->ops->take(provider, &parts, world_now(call->world), call->arena, notice)) {
	case EVENT_READ:
		return take_notice(call, notice);
	case EVENT_BAD_SIGNATURE:
		return say(call->arena, ANSWER_INVALID_SIGNATURE);
	case EVENT_MALFORMED:
		break;
	}
	return say(call->arena, ANSWER_BAD_REQUEST);
}
