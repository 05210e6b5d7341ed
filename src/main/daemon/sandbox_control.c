#include "main/daemon/sandbox_control.h"

#include "api/core/answer.h"
#include "base/buf.h"
#include "main/daemon/local_request.h"
#include "main/platform/system_clock.h"
#include "text/json.h"

#define ADVANCE_MAX ((int64_t)10 * 366 * 86400) /* seconds: ten years */

struct control_request {
	struct sandbox *sandbox;
	const struct request *request;
	struct arena *arena;
};

static struct reply json_reply(struct control_request *ctx, struct buf *text)
{
	struct str body;

	if (buf_done(text, &body) != OK)
		return respond(ctx->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, "application/json; charset=utf-8", body);
}

static struct reply advance_clock(struct control_request *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	int64_t advance_seconds;
	char now[MOMENT_RFC3339_SIZE];
	struct buf text;

	if (json_parse(ctx->request->body, true, &body) != OK ||
		!json_int(json_get(body, "seconds"), &advance_seconds) || advance_seconds < 0 ||
		advance_seconds > ADVANCE_MAX)
		return respond_message(ctx->arena, ANSWER_INVALID_PARAMETERS,
			STR("seconds must be a whole number from 0 to 316224000 (ten years): the clock only moves forward"));
	system_clock_advance(seconds(advance_seconds));
	moment_rfc3339(system_now(), now);
	buf_init(&text, ctx->arena);
	buf_printf(&text, "{\"now\":\"%s\"}", now);
	return json_reply(ctx, &text);
}

static struct reply add_faults(struct control_request *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	int64_t times = 1;
	struct buf text;

	if (!ctx->sandbox)
		return respond(ctx->arena, ANSWER_ROUTE_NOT_FOUND);
	if (json_parse(ctx->request->body, true, &body) != OK ||
		(json_kind_of(json_get(body, "times")) != JSON_KIND_ABSENT &&
			!json_int(json_get(body, "times"), &times)) ||
		sandbox_faults_add(ctx->sandbox, json_text(json_get(body, "what")), times) != OK)
		return respond_message(ctx->arena, ANSWER_INVALID_PARAMETERS,
			STR("what must be late, twice, out_of_order, drop, refuse, error or slow; times must be 1 to 1000"));
	buf_init(&text, ctx->arena);
	buf_printf(&text, "{\"times\":%lld}", (long long)times);
	return json_reply(ctx, &text);
}

static const struct {
	struct str path;
	struct reply (*handle)(struct control_request *ctx);
} control_routes[] = {
	{ STR_INIT("/sandbox/clock/advance"), advance_clock },
	{ STR_INIT("/sandbox/faults"), add_faults },
};

bool sandbox_control_serve(
	struct sandbox *sandbox, const struct request *request, struct arena *a, struct reply *reply)
{
	struct control_request ctx = { sandbox, request, a };

	for (size_t i = 0; i < array_len(control_routes); i++) {
		if (!str_eq(request->path, control_routes[i].path))
			continue;
		if (request->method == METHOD_POST) {
			if (local_json_check(request, a, reply))
				*reply = control_routes[i].handle(&ctx);
			return true;
		}
		*reply = respond(a, ANSWER_METHOD_NOT_ALLOWED);
		reply_header(reply, STR("Allow"), STR("POST"));
		return true;
	}
	return false;
}
