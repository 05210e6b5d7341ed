#include "main/daemon/sandbox_control.h"

#include "api/core/answer.h"
#include "base/buf.h"
#include "main/platform/system_clock.h"
#include "text/json.h"

#define ADVANCE_MAX ((int64_t)10 * 366 * 86400)

struct control_request {
	struct sandbox *sandbox;
	const struct request *request;
	struct arena *arena;
};

static struct reply done(struct control_request *ctx, struct buf *text)
{
	struct str body;

	if (buf_done(text, &body) != OK)
		return respond(ctx->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, "application/json; charset=utf-8", body);
}

static struct reply advance_clock(struct control_request *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	int64_t seconds_on;
	char now[MOMENT_RFC3339_SIZE];
	struct buf text;

	if (json_parse(ctx->request->body, true, &body) != OK ||
		!json_int(json_get(body, "seconds"), &seconds_on) || seconds_on < 0 ||
		seconds_on > ADVANCE_MAX)
		return respond_message(ctx->arena, ANSWER_INVALID_PARAMETERS,
			STR("seconds must be a whole number, 0 to ten years: the clock moves forward only"));
	system_clock_advance(seconds(seconds_on));
	moment_rfc3339(system_now(), now);
	buf_init(&text, ctx->arena);
	buf_printf(&text, "{\"now\":\"%s\"}", now);
	return done(ctx, &text);
}

static struct reply add_faults(struct control_request *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	int64_t times_wanted = 1;
	struct buf text;

	if (!ctx->sandbox)
		return respond(ctx->arena, ANSWER_ROUTE_NOT_FOUND);
	if (json_parse(ctx->request->body, true, &body) != OK ||
		(json_kind_of(json_get(body, "times")) != JSON_KIND_ABSENT &&
			!json_int(json_get(body, "times"), &times_wanted)) ||
		sandbox_faults_add(ctx->sandbox, json_text(json_get(body, "what")), times_wanted) != OK)
		return respond_message(ctx->arena, ANSWER_INVALID_PARAMETERS,
			STR("what must be late, twice, out_of_order, drop, refuse, error or slow, and times 1 to 1000"));
	buf_init(&text, ctx->arena);
	buf_printf(&text, "{\"times\":%lld}", (long long)times_wanted);
	return done(ctx, &text);
}

static const struct {
	struct str path;
	struct reply (*serve)(struct control_request *ctx);
} rooms[] = {
	{ STR_INIT("/sandbox/clock/advance"), advance_clock },
	{ STR_INIT("/sandbox/faults"), add_faults },
};

bool sandbox_control_serve(
	struct sandbox *sandbox, const struct request *request, struct arena *a, struct reply *reply)
{
	struct control_request ctx = { sandbox, request, a };

	for (size_t i = 0; i < array_len(rooms); i++) {
		if (!str_eq(request->path, rooms[i].path))
			continue;
		if (request->method == METHOD_POST) {
			*reply = rooms[i].serve(&ctx);
			return true;
		}
		*reply = respond(a, ANSWER_METHOD_NOT_ALLOWED);
		reply_header(reply, STR("Allow"), STR("POST"));
		return true;
	}
	return false;
}
