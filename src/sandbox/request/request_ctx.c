#include "sandbox/request/request_ctx.h"

#include "text/json.h"

static const char json_type[] = "application/json";

void respond_body(struct request_ctx *ctx, int status, const char *content_type, struct buf *body)
{
	struct str text;

	if (buf_done(body, &text) != OK) {
		respond_empty(ctx, 500);
		return;
	}
	ctx->reply->status = status;
	ctx->reply->content_type = content_type;
	ctx->reply->body = text;
}

void respond_json(struct request_ctx *ctx, int status, struct buf *body)
{
	respond_body(ctx, status, json_type, body);
}

void respond_detail(struct request_ctx *ctx, int status, const char *detail)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "detail", str_of(detail));
	json_end_object(&w);
	respond_json(ctx, status, &body);
}

void respond_field_error(struct request_ctx *ctx, const char *field, const char *message)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_key(&w, field);
	json_begin_array(&w);
	json_put_text(&w, str_of(message));
	json_end_array(&w);
	if (ctx->errors == ERRORS_WITH_MESSAGE)
		json_field_text(&w, "message", arena_printf(ctx->arena, "%s: %s", field, message));
	json_end_object(&w);
	respond_json(ctx, 400, &body);
}

void respond_not_found(struct request_ctx *ctx)
{
	respond_detail(ctx, 404, "Not found.");
}

void respond_throttled(struct request_ctx *ctx, duration wait)
{
	const long long n = (long long)duration_seconds_up(wait);
	const struct str after = arena_printf(ctx->arena, "%lld", n);

	respond_detail(ctx, 429,
		arena_printf(ctx->arena, "Request was throttled. Expected available in %lld seconds.", n).p);
	if (after.p)
		reply_header(ctx->reply, STR("Retry-After"), after);
}

void respond_empty(struct request_ctx *ctx, int status)
{
	ctx->reply->status = status;
	ctx->reply->content_type = NULL;
	ctx->reply->body = (struct str){ NULL, 0 };
}

bool request_body_is(const struct request_ctx *ctx, struct str media_type)
{
	struct str rest = request_header(ctx->request, STR("Content-Type")), type;

	if (!ctx->request->body.n)
		return true;
	(void)str_cut(&rest, ';', &type);
	return str_eq_nocase(str_trim(type), media_type);
}

struct str request_credentials(const struct request_ctx *ctx, struct str scheme)
{
	struct str rest = request_header(ctx->request, STR("Authorization")), word;

	if (!str_cut(&rest, ' ', &word) || !str_eq_nocase(word, scheme))
		return (struct str){ NULL, 0 };
	return str_trim(rest);
}
