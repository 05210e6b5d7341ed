#include "app/console/webhooks.h"

#include <string.h>

#include "app/webhook/endpoint_seal.h"

#define BATCH 16

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	struct console_endpoint *rows;
	size_t n;
};

static enum err set_tenant_name(struct tx *tx, struct console_endpoint *endpoint)
{
	struct tenant tenant = { .id = endpoint->row.tenant_id };

	TRY(store_load_tenant(tx, &tenant));
	memcpy(endpoint->tenant_name, tenant.name, sizeof(endpoint->tenant_name));
	return OK;
}

static enum err add_endpoint(struct tx *tx, struct list_job *job, const struct webhook_endpoint *row)
{
	struct console_endpoint *const endpoint = &job->rows[job->n];

	if (row->state == WEBHOOK_DELETED ||
		!operator_account_has_tenant(&job->caller->account, &row->tenant_id))
		return OK;
	job->n++;
	endpoint->row = *row;
	TRY(webhook_endpoint_url(job->world, tx->arena, row, &endpoint->url));
	return set_tenant_name(tx, endpoint);
}

static enum err list_endpoints(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	const struct webhook_endpoint probe = { .description = "" };
	struct webhook_endpoint *const batch = arena_array(tx->arena, struct webhook_endpoint, BATCH);
	size_t found = BATCH;

	job->rows = arena_array(tx->arena, struct console_endpoint, CONSOLE_ENDPOINTS_MAX);
	job->n = 0;
	if (!batch || !job->rows)
		return ERR_INTERNAL;
	for (size_t skip = 0; found == BATCH && job->n < CONSOLE_ENDPOINTS_MAX; skip += BATCH) {
		TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS, &probe, page_of(skip, BATCH), batch, &found));
		for (size_t i = 0; i < found && job->n < CONSOLE_ENDPOINTS_MAX; i++)
			TRY(add_endpoint(tx, job, &batch[i]));
	}
	return OK;
}

enum err console_endpoint_list(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct console_endpoint **rows, size_t *n,
	enum console_verdict *verdict)
{
	struct list_job job = { .world = world, .caller = caller };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, list_endpoints, &job));
	*rows = job.rows;
	*n = job.n;
	return OK;
}

static enum err read_tenant_name(struct tx *tx, void *arg)
{
	return set_tenant_name(tx, arg);
}

/* Loads the endpoint. console_permit() then decides whether the caller may act on it. */
static enum err find(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_endpoint_ref *ref, struct console_endpoint_view *out)
{
	const struct webhook_client client = console_webhook_client(caller);
	struct webhook_result result;

	TRY(webhook_endpoint_get(world, a, &client, &ref->id, &result));
	if (result.refusal.verdict != WEBHOOK_DONE)
		return ERR_NOT_FOUND;
	out->endpoint.row = result.endpoint.row;
	out->endpoint.url = result.endpoint.url;
	out->pending = result.endpoint.pending;
	return store_transact(world->store, TX_READ, a, read_tenant_name, &out->endpoint);
}

enum err console_endpoint_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct console_endpoint_view *out, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);

	TRY(find(world, a, caller, ref, out));
	*verdict = console_permit(world, caller, CONSOLE_VIEW, &out->endpoint.row.tenant_id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(webhook_delivery_list(world, a, &client, &ref->id, &ref->filter, &out->deliveries));
	return out->deliveries.verdict == DELIVERY_LIST_READ ? OK : ERR_NOT_FOUND;
}

enum err console_delivery_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref, struct event_line *out,
	enum console_verdict *verdict)
{
	struct console_endpoint_view view;
	char event_id[SHOWN_ID_SIZE];

	TRY(find(world, a, caller, ref, &view));
	*verdict = console_permit(world, caller, CONSOLE_VIEW, &view.endpoint.row.tenant_id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	shown_id_write(EVENT_ID_PREFIX, ref->event_id.text, event_id);
	TRY(event_list_load(world, a, str_of(event_id), out));
	return strcmp(out->event.tenant_id.text, view.endpoint.row.tenant_id.text) == 0 ? OK : ERR_NOT_FOUND;
}

enum err console_endpoint_permit(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_permit *permit,
	struct console_endpoint_view *out, enum console_verdict *verdict)
{
	const struct console_endpoint_ref ref = { .id = *permit->id };

	TRY(find(world, a, caller, &ref, out));
	*verdict = console_permit(world, caller, permit->action, &out->endpoint.row.tenant_id);
	return OK;
}

/* Whether the caller may change the endpoint. */
static enum err permit_change(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_endpoint_ref *ref, enum console_verdict *verdict)
{
	const struct endpoint_permit permit = { &ref->id, CONSOLE_MANAGE_WEBHOOKS };
	struct console_endpoint_view view;

	return console_endpoint_permit(world, a, caller, &permit, &view, verdict);
}

enum err console_endpoint_resend(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct resend_result *out, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);

	TRY(permit_change(world, a, caller, ref, verdict));
	return *verdict == CONSOLE_PERMITTED
		       ? webhook_resend_event(world, a, &client, &ref->id, &ref->event_id, out)
		       : OK;
}

enum err console_endpoint_test(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct test_delivery_result *out, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);

	TRY(permit_change(world, a, caller, ref, verdict));
	return *verdict == CONSOLE_PERMITTED ? test_delivery_send(world, a, &client, &ref->id, STR(""), out)
					     : OK;
}

enum err console_endpoint_switch(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_ref *ref,
	struct webhook_result *out, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);
	const struct webhook_change change = { .state = ref->state };

	TRY(permit_change(world, a, caller, ref, verdict));
	return *verdict == CONSOLE_PERMITTED
		       ? webhook_endpoint_update(world, a, &client, &ref->id, &change, out)
		       : OK;
}
