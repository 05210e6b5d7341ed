#include "app/console/tenants.h"

#include "app/console/visible_tenants.h"
#include "app/core/branding.h"

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	struct console_tenant *rows;
	size_t n;
};

static enum err list_tenants(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct tenant *tenants;

	TRY(visible_tenants_list(tx, job->caller, &tenants, &job->n));
	job->rows = arena_array(tx->arena, struct console_tenant, VISIBLE_TENANTS_MAX);
	if (!job->rows)
		return ERR_INTERNAL;
	for (size_t i = 0; i < job->n; i++) {
		job->rows[i].tenant = tenants[i];
		TRY(app_quota_state(job->world, tx, &tenants[i].id, &job->rows[i].quota));
	}
	return OK;
}

enum err console_tenant_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_tenant **rows, size_t *n, enum console_verdict *verdict)
{
	struct list_job job = { .world = world, .caller = caller };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, list_tenants, &job));
	*rows = job.rows;
	*n = job.n;
	return OK;
}

struct read_job {
	const struct world *world;
	struct console_tenant_view *out;
};

static enum err read_tenant(struct tx *tx, void *arg)
{
	struct read_job *const job = arg;
	struct console_tenant_view *const out = job->out;
	const struct tenant_id id = out->summary.tenant.id;
	const struct api_key probe = { .tenant_id = id };

	out->keys = arena_array(tx->arena, struct api_key, CONSOLE_KEYS_MAX);
	if (!out->keys)
		return ERR_INTERNAL;
	TRY(app_quota_state(job->world, tx, &id, &out->summary.quota));
	TRY(branding_load(tx, &id, &out->branding));
	TRY(consent_text_load(tx, &out->branding, &out->consent_text));
	return store_find(
		tx, QUERY_KEYS_OF_TENANT, &probe, page_of(0, CONSOLE_KEYS_MAX), out->keys, &out->n_keys);
}

enum err console_tenant_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str name, struct console_tenant_view *out, enum console_verdict *verdict)
{
	struct read_job job = { world, out };

	TRY(operator_find_tenant(world, a, name, &out->summary.tenant));
	*verdict = console_permit(world, caller, CONSOLE_VIEW, &out->summary.tenant.id);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_READ, a, read_tenant, &job)
					     : OK;
}

enum err console_tenant_permit_key(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str name, struct tenant *out,
	enum console_verdict *verdict)
{
	TRY(operator_find_tenant(world, a, name, out));
	*verdict = console_permit(world, caller, CONSOLE_CREATE_KEY, &out->id);
	return OK;
}

enum err console_tenant_add(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct tenant_change *change, struct tenant *out, enum console_verdict *verdict)
{
	struct tenant_change by_caller = *change;

	*verdict = console_permit(world, caller, CONSOLE_MANAGE_TENANTS, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	by_caller.actor = &caller->actor;
	return operator_add_tenant(world, a, &by_caller, out);
}

enum err console_tenant_set(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct tenant_change *change, struct tenant *out, enum console_verdict *verdict)
{
	struct tenant_change by_caller = *change;

	TRY(operator_find_tenant(world, a, change->name, out));
	*verdict = console_permit(world, caller, CONSOLE_MANAGE_TENANTS, &out->id);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	by_caller.actor = &caller->actor;
	return operator_set_tenant(world, a, &by_caller, out);
}
