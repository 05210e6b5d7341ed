#include "app/admin/operator.h"

#include "app/core/access.h"
#include "app/core/audit.h"
#include "crypto/digest.h"
#include "port/store.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

struct change_job {
	const struct world *world;
	const struct tenant_change *change;
	const struct key_params *params;
	struct tenant tenant;
	struct api_key key;
};

static enum err append_audit(const struct change_job *job, struct tx *tx, enum audit_action action,
	const char *subject, const char *detail)
{
	const struct audit_params params = { action, subject, job->tenant.id.text, detail };

	return audit_append(job->world, tx, &operator_actor, &params);
}

static enum err find_tenant(struct tx *tx, struct str name, struct tenant *out)
{
	struct tenant probe = { 0 };
	size_t n;

	if (!str_copy_to(name, probe.name, sizeof(probe.name)))
		return ERR_NOT_FOUND;
	TRY(store_find(tx, QUERY_TENANT_BY_NAME, &probe, page_of(0, 1), &probe, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	*out = probe;
	return OK;
}

static bool set_text(struct str value, char *out, size_t size)
{
	return !value.p || str_copy_to(value, out, size);
}

static enum err apply_change(const struct tenant_change *change, struct tenant *t)
{
	if (change->has_quota)
		t->monthly_quota = change->monthly_quota;
	const bool fits = set_text(change->group_name, t->group_name, sizeof(t->group_name)) &&
			  set_text(change->display_name, t->display_name, sizeof(t->display_name)) &&
			  set_text(change->language, t->language, sizeof(t->language)) &&
			  set_text(change->return_url, t->return_url, sizeof(t->return_url)) &&
			  set_text(change->site, t->site, sizeof(t->site));
	return fits ? OK : ERR_INPUT;
}

static enum err add_tenant(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;
	struct tenant tenant = { .created_at = world_now(job->world), .monthly_quota = NO_QUOTA };

	TRY(world_id(job->world, tenant.id.text));
	if (!str_copy_to(job->change->name, tenant.name, sizeof(tenant.name)))
		return ERR_INPUT;
	tenant_set_own_group(&tenant);
	TRY(apply_change(job->change, &tenant));
	TRY(store_add_tenant(tx, &tenant));
	job->tenant = tenant;
	return append_audit(job, tx, AUDIT_TENANT_ADDED, tenant.id.text, "");
}

static enum err check_group_change(const struct change_job *job, struct tx *tx)
{
	const struct enrolment probe = { .tenant_id = job->tenant.id };
	struct enrolment row;
	size_t n;

	if (!job->change->group_name.p || str_eq(job->change->group_name, str_of(job->tenant.group_name)))
		return OK;
	TRY(store_find(tx, QUERY_ENROLMENTS_OF_TENANT, &probe, page_of(0, 1), &row, &n));
	return n == 0 ? OK : ERR_CONFLICT;
}

static enum err set_tenant(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;

	TRY(find_tenant(tx, job->change->name, &job->tenant));
	TRY(check_group_change(job, tx));
	TRY(apply_change(job->change, &job->tenant));
	TRY(store_save_tenant(tx, &job->tenant));
	return append_audit(
		job, tx, AUDIT_TENANT_CHANGED, job->tenant.id.text, job->change->has_quota ? "quota" : "");
}

enum err operator_add_tenant(
	const struct world *world, struct arena *a, const struct tenant_change *change, struct tenant *out)
{
	struct change_job job = { .world = world, .change = change };

	TRY(store_transact(world->store, TX_WRITE, a, add_tenant, &job));
	*out = job.tenant;
	return OK;
}

enum err operator_set_tenant(
	const struct world *world, struct arena *a, const struct tenant_change *change, struct tenant *out)
{
	struct change_job job = { .world = world, .change = change };

	TRY(store_transact(world->store, TX_WRITE, a, set_tenant, &job));
	*out = job.tenant;
	return OK;
}

struct list_job {
	struct str tenant;
	struct page page;
	void *rows;
	size_t n;
};

static enum err find_tenant_in_tx(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;

	return find_tenant(tx, job->tenant, job->rows);
}

enum err operator_find_tenant(const struct world *world, struct arena *a, struct str name, struct tenant *out)
{
	struct list_job job = { .tenant = name, .rows = out };

	return store_transact(world->store, TX_READ, a, find_tenant_in_tx, &job);
}

static enum err list_tenants(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	const struct tenant probe = { 0 };

	return store_find(tx, QUERY_TENANTS, &probe, job->page, job->rows, &job->n);
}

static enum err list_keys(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct tenant tenant;
	struct api_key probe = { 0 };

	if (job->tenant.n == 0)
		return store_find(tx, QUERY_KEYS, &probe, job->page, job->rows, &job->n);
	TRY(find_tenant(tx, job->tenant, &tenant));
	probe.tenant_id = tenant.id;
	return store_find(tx, QUERY_KEYS_OF_TENANT, &probe, job->page, job->rows, &job->n);
}

enum err operator_list_tenants(
	const struct world *world, struct arena *a, struct page page, struct tenant *out, size_t *n)
{
	struct list_job job = { .page = page, .rows = out };

	TRY(store_transact(world->store, TX_READ, a, list_tenants, &job));
	*n = job.n;
	return OK;
}

static enum err load_tenant(struct tx *tx, void *arg)
{
	return store_load_tenant(tx, arg);
}

enum err operator_load_tenant(
	const struct world *world, struct arena *a, const struct tenant_id *id, struct tenant *out)
{
	struct tenant tenant = { .id = *id };

	TRY(store_transact(world->store, TX_READ, a, load_tenant, &tenant));
	*out = tenant;
	return OK;
}

enum err operator_list_keys(const struct world *world, struct arena *a, struct str tenant, struct page page,
	struct api_key *out, size_t *n)
{
	struct list_job job = { .tenant = tenant, .page = page, .rows = out };

	TRY(store_transact(world->store, TX_READ, a, list_keys, &job));
	*n = job.n;
	return OK;
}

static enum err add_key(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;
	const moment now = world_now(job->world);

	TRY(find_tenant(tx, job->params->tenant, &job->tenant));
	job->key.tenant_id = job->tenant.id;
	job->key.created_at = now;
	job->key.expires_at = job->params->life.ms > 0 ? moment_add(now, job->params->life) : (moment){ 0 };
	job->key.rate_per_minute = job->params->rate_per_minute;
	job->key.rate_per_second = job->params->rate_per_second;
	job->key.scopes = job->params->scopes ? job->params->scopes : SCOPES_DEFAULT;
	if (!set_text(job->params->label, job->key.label, sizeof(job->key.label)))
		return ERR_INPUT;
	TRY(store_add_api_key(tx, &job->key));
	return append_audit(job, tx, AUDIT_KEY_CREATED, job->key.id.text, "");
}

static enum err create_key_text(const struct world *world, char text[API_KEY_LENGTH + 1])
{
	unsigned char random_bytes[64];
	bool is_complete = false;

	/* The random bytes are enough for a key in all but one of a million cases; otherwise new ones are
	 * read. */
	while (!is_complete) {
		TRY(world_random(world, random_bytes, sizeof(random_bytes)));
		is_complete = api_key_make(random_bytes, text);
		secure_wipe(random_bytes, sizeof(random_bytes));
	}
	return OK;
}

enum err operator_create_key(const struct world *world, struct arena *a, const struct key_params *params,
	struct api_key *out, char text[API_KEY_LENGTH + 1])
{
	struct change_job job = { .world = world, .params = params };

	TRY(create_key_text(world, text));
	if (!api_key_read(str_of(text), job.key.id.text))
		return ERR_INTERNAL;
	access_digest(world, str_of(text), &job.key.digest);
	TRY(store_transact(world->store, TX_WRITE, a, add_key, &job));
	*out = job.key;
	return OK;
}

static enum err revoke_key(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;

	TRY(store_load_api_key(tx, &job->key));
	if (!moment_is_unset(job->key.revoked_at))
		return OK;
	job->key.revoked_at = world_now(job->world);
	job->tenant.id = job->key.tenant_id;
	TRY(store_save_api_key(tx, &job->key));
	return append_audit(job, tx, AUDIT_KEY_REVOKED, job->key.id.text, "");
}

enum err operator_revoke_key(const struct world *world, struct arena *a, struct str id)
{
	struct change_job job = { .world = world };

	if (!str_copy_to(id, job.key.id.text, sizeof(job.key.id.text)))
		return ERR_NOT_FOUND;
	return store_transact(world->store, TX_WRITE, a, revoke_key, &job);
}
