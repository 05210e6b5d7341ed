#include "api/endpoints/routes.h"

#include "api/core/dispatch.h"
#include "app/core/quota.h"
#include "app/session/decision_count.h"
#include "base/buf.h"
#include "base/metrics.h"

static struct reply handle_health_live(struct call *call)
{
	(void)call;
	return respond_text(200, JSON_TYPE, STR("{\"live\":true}"));
}

static struct reply handle_health_ready(struct call *call, struct store *store)
{
	if (store->ops->ready(store) != OK)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(1));
	return respond_text(200, JSON_TYPE, STR("{\"ready\":true}"));
}

static void print_decisions(const struct quota_used *tenants, size_t n, struct buf *text)
{
	metric_print_header(text, METRIC_DECISIONS);
	for (size_t i = 0; i < n; i++)
		for (size_t s = 0; s < DECISION_STATUSES; s++)
			metric_print_collected_pair(text, METRIC_DECISIONS, tenants[i].tenant,
				decision_statuses[s].label,
				decision_count_read(&tenants[i].id, decision_statuses[s].status));
}

/* Prints the metrics by tenant. Prints nothing if the database cannot be read, so that the other metrics are
 * still reported. */
static void print_tenants(struct call *call, struct buf *text)
{
	struct quota_used *const rows = arena_array(call->arena, struct quota_used, QUOTAS_REPORTED);
	size_t n;

	if (!rows || app_quotas_used(call->world, call->arena, rows, &n) != OK)
		return;
	metric_print_header(text, METRIC_QUOTA_USED);
	for (size_t i = 0; i < n; i++)
		metric_print_collected(text, METRIC_QUOTA_USED, rows[i].tenant, rows[i].used);
	print_decisions(rows, n, text);
}

static struct reply handle_metrics(struct call *call, struct store *store)
{
	struct buf text;
	struct str body;

	(void)store; /* the use case opens its own transaction */
	buf_init(&text, call->arena);
	metrics_print(&text);
	print_tenants(call, &text);
	if (buf_done(&text, &body) != OK)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, "text/plain; version=0.0.4; charset=utf-8", body);
}

static struct reply handle_version(struct call *call)
{
	struct json_body body;

	json_body_begin(&body, call);
	json_field_text(&body.w, "name", STR("kycd"));
	json_field_text(&body.w, "version", call->api->version);
	return respond_json_body(call, 200, &body);
}

/* clang-format off */
static const struct schema_member live_members[] = { { "live", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
static const struct json_schema live_schema = SCHEMA(live_members);
static const struct plain_response live = { 200, "live", "application/json", &live_schema, "The server answers requests." };

static const struct schema_member ready_members[] = { { "ready", MEMBER_TRUE, "true", NULL, false, NULL, NULL } };
static const struct json_schema ready_schema = SCHEMA(ready_members);
static const struct plain_response ready = { 200, "ready", "application/json", &ready_schema, "The database accepts writes." };
/* clang-format on */

const struct route live_route = {
	.entry = { METHOD_GET, "/health/live" },
	HANDLE_INLINE(handle_health_live),
	.failure = ANSWER_UNAVAILABLE,
	.is_probe = true,
	.doc =
		&(const struct operation_doc){
			.operation = "healthLive",
			.group = "Service",
			.summary = "Liveness check",
			.description = "For a process supervisor: 200 while the server answers requests.",
			.plain = { &live },
		},
};

const struct route ready_route = {
	.entry = { METHOD_GET, "/health/ready" },
	HANDLE_WAITING(handle_health_ready),
	.failure = ANSWER_UNAVAILABLE,
	.is_probe = true,
	.doc =
		&(const struct operation_doc){
			.operation = "healthReady",
			.group = "Service",
			.summary = "Readiness check",
			.description =
				"For a load balancer: 200 while the database accepts writes and has the current "
				"schema, else 503.",
			.plain = { &ready },
		},
};

const struct route metrics_route = {
	.entry = { METHOD_GET, "/metrics" },
	HANDLE_WAITING(handle_metrics),
	.failure = ANSWER_UNAVAILABLE,
	.is_probe = true,
};

const struct route version_route = {
	.entry = { METHOD_GET, "/version" },
	HANDLE_INLINE(handle_version),
	.failure = ANSWER_UNAVAILABLE,
};
