#include "api/health.h"

#include "app/core/quota.h"
#include "base/buf.h"
#include "base/metrics.h"
#include "text/json.h"

#define JSON_TYPE "application/json; charset=utf-8"

struct reply handle_health_live(struct call *call)
{
	(void)call;
	return respond_text(200, JSON_TYPE, STR("{\"live\":true}"));
}

struct reply handle_health_ready(struct call *call, struct store *store)
{
	if (store->ops->ready(store) != OK)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(1));
	return respond_text(200, JSON_TYPE, STR("{\"ready\":true}"));
}

/* Only the store knows the tenants; while it does not tell, all else is told. */
static void print_quotas(struct call *call, struct buf *text)
{
	struct quota_used *const rows = arena_array(call->arena, struct quota_used, QUOTAS_REPORTED);
	size_t n;

	if (!rows || app_quotas_used(call->world, call->arena, rows, &n) != OK)
		return;
	metric_print_header(text, METRIC_QUOTA_USED);
	for (size_t i = 0; i < n; i++)
		metric_print_collected(text, METRIC_QUOTA_USED, rows[i].tenant, rows[i].used);
}

struct reply handle_metrics(struct call *call, struct store *store)
{
	struct buf text;
	struct str body;

	(void)store; /* the use case opens its own transaction on the world's */
	buf_init(&text, call->arena);
	metrics_print(&text);
	print_quotas(call, &text);
	if (buf_done(&text, &body) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, "text/plain; version=0.0.4; charset=utf-8", body);
}

struct reply handle_version(struct call *call)
{
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "name", STR("kycd"));
	json_field_text(&w, "version", call->api->version);
	json_end_object(&w);
	if (buf_done(&text, &body) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, JSON_TYPE, body);
}
