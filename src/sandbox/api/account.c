#include "sandbox/api/account.h"

#include "text/json.h"

void serve_balance(struct request_ctx *ctx)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "balance", STR("100.0000"));
	json_field_bool(&w, "auto_refill_enabled", false);
	json_field_null(&w, "auto_refill_amount");
	json_field_null(&w, "auto_refill_threshold");
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

void serve_health(struct request_ctx *ctx)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "status", STR("ok"));
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}
