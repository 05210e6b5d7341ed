#include "api/core/idempotent.h"

#include "app/core/idempotency.h"
#include "base/log.h"
#include "text/input_cause.h"

#define KEY_MAX 255

bool idempotent_applies_to(const struct route *route)
{
	return route->guard == GUARD_TENANT && route->entry.method == METHOD_POST && !route->reads_only;
}

static bool is_valid_key(const struct request *request, struct str key)
{
	if (key.n == 0 || key.n > KEY_MAX || request_header_count(request, STR(IDEMPOTENCY_KEY_HEADER)) > 1)
		return false;
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] < ' ' || key.p[i] > '~')
			return false;
	return true;
}

static struct reply respond_replay(const struct idempotency_result *result)
{
	struct reply reply = respond_text(result->status, JSON_TYPE, result->body);

	reply_header(&reply, STR(IDEMPOTENCY_REPLAYED_HEADER), STR("true"));
	return reply;
}

static void finish(struct call *call, const struct idempotency_entry *entry, const struct reply *reply)
{
	const enum err e = idempotency_finish(call->world, call->arena, entry, reply->status, reply->body);

	/* The endpoint has run, so its answer is returned. A repeated call waits for the end of the lease. */
	if (e != OK)
		log_event(LOG_WARN, "idempotency_not_stored",
			LOG_WORD("request_id", call->caller.actor.request_id), LOG_WORD("err", err_name(e)));
}

static struct reply run_once(struct call *call, struct str key, struct reply (*run)(struct call *call))
{
	const struct idempotency_call params = { .caller = &call->caller,
		.route = str_of(call->route->entry.pattern),
		.params = { call->params[0], call->params[1] },
		.key = key,
		.body = call->request->body };
	struct idempotency_result result;
	const enum err e = idempotency_begin(call->world, call->arena, &params, &result);

	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	switch (result.verdict) {
	case IDEMPOTENCY_REPLAY:
		return respond_replay(&result);
	case IDEMPOTENCY_KEY_REUSED:
		return respond(call->arena, ANSWER_IDEMPOTENCY_KEY_REUSED);
	case IDEMPOTENCY_IN_PROGRESS:
		return respond(call->arena, ANSWER_IDEMPOTENCY_IN_PROGRESS);
	case IDEMPOTENCY_FIRST:
		break;
	}
	const struct reply reply = run(call);
	finish(call, &result.entry, &reply);
	return reply;
}

struct reply idempotent_run(struct call *call, struct reply (*run)(struct call *call))
{
	const struct str key = request_header(call->request, STR(IDEMPOTENCY_KEY_HEADER));

	if (!key.p || !idempotent_applies_to(call->route) || call->caller.actor.id[0] == '\0')
		return run(call);
	if (!is_valid_key(call->request, key))
		return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
			STR("Idempotency-Key must be sent once, with 1 to 255 printable ASCII characters"),
			input_cause_name(CAUSE_VALUE), input_cause_explanation(CAUSE_VALUE));
	return run_once(call, key, run);
}
