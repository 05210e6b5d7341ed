#include "sandbox/api/account.h"

#include "sandbox/state/ids.h"
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

/* Begins a list with one object, which has the id and the name that the organization and its application
 * share. */
static void begin_account_list(struct request_ctx *ctx, struct json_writer *w, struct buf *body)
{
	buf_init(body, ctx->arena);
	json_writer_init(w, body);
	json_begin_array(w);
	json_begin_object(w);
	json_field_text(w, "uuid", STR(SANDBOX_APPLICATION));
	json_field_text(w, "name", STR("Sandbox"));
}

void serve_organizations(struct request_ctx *ctx)
{
	struct json_writer w;
	struct buf body;

	begin_account_list(ctx, &w, &body);
	json_field_null(&w, "contact_email");
	json_end_object(&w);
	json_end_array(&w);
	respond_json(ctx, 200, &body);
}

void serve_applications(struct request_ctx *ctx)
{
	struct json_writer w;
	struct buf body;

	if (!str_eq(ctx->params[0], STR(SANDBOX_APPLICATION))) {
		respond_not_found(ctx);
		return;
	}
	begin_account_list(ctx, &w, &body);
	json_field_text(&w, "client_id", STR("sandbox"));
	json_end_object(&w);
	json_end_array(&w);
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
