#include "app/admin/operator.h"

#include <string.h>

#include "app/admin/operator_tx.h"
#include "app/core/access.h"
#include "app/core/audit.h"
#include "port/store.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

struct change_job {
	const struct world *world;
	const struct tenant_change *change;
	struct str new_name;
	struct tenant tenant;
};

enum err operator_audit(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params)
{
	return audit_append(world, tx, actor ? actor : &operator_actor, params);
}

static enum err append_audit(
	const struct change_job *job, struct tx *tx, enum audit_action action, const char *detail)
{
	const char *const id = job->tenant.id.text;

	return operator_audit(
		job->world, tx, job->change->actor, &(const struct audit_params){ action, id, id, detail });
}

enum err operator_tenant_by_name(struct tx *tx, struct str name, struct tenant *out)
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
	if (change->has_four_eyes)
		t->four_eyes = change->four_eyes;
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
	TRY(append_audit(job, tx, AUDIT_TENANT_ADDED, ""));
	return operator_change_branding(
		job->world, tx, job->change->actor, &tenant.id, &job->change->branding);
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

/* The word in the audit log that tells what was changed. */
static const char *change_detail(const struct tenant_change *change)
{
	static const char *const words[] = { [CHANGE_DISABLE] = "disabled", [CHANGE_ENABLE] = "enabled" };

	return change->disabled != CHANGE_NOTHING ? words[change->disabled]
	       : change->has_quota		  ? "quota"
	       : change->has_four_eyes		  ? "four_eyes"
						  : "";
}

static void apply_disabled(const struct change_job *job, struct tenant *t)
{
	if (job->change->disabled == CHANGE_ENABLE)
		t->disabled_at = (moment){ 0 };
	else if (job->change->disabled == CHANGE_DISABLE && !tenant_is_disabled(t))
		t->disabled_at = world_now(job->world);
}

/* Whether a field of the tenant itself is to be set, and not only its branding. */
static bool changes_tenant(const struct tenant_change *change)
{
	return change->has_quota || change->has_four_eyes || change->disabled != CHANGE_NOTHING ||
	       change->group_name.p || change->display_name.p || change->language.p || change->return_url.p ||
	       change->site.p;
}

static enum err set_tenant(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;

	TRY(operator_tenant_by_name(tx, job->change->name, &job->tenant));
	TRY(check_group_change(job, tx));
	TRY(apply_change(job->change, &job->tenant));
	apply_disabled(job, &job->tenant);
	TRY(store_save_tenant(tx, &job->tenant));
	if (changes_tenant(job->change))
		TRY(append_audit(job, tx, AUDIT_TENANT_CHANGED, change_detail(job->change)));
	return operator_change_branding(
		job->world, tx, job->change->actor, &job->tenant.id, &job->change->branding);
}

static enum err rename_tenant(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;
	char old_name[TENANT_NAME_SIZE];

	TRY(operator_tenant_by_name(tx, job->change->name, &job->tenant));
	memcpy(old_name, job->tenant.name, sizeof(old_name));
	if (!str_copy_to(job->new_name, job->tenant.name, sizeof(job->tenant.name)))
		return ERR_INPUT;
	TRY(store_save_tenant(tx, &job->tenant));
	return append_audit(job, tx, AUDIT_TENANT_RENAMED, old_name);
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

enum err operator_rename_tenant(
	const struct world *world, struct arena *a, struct str name, struct str new_name, struct tenant *out)
{
	const struct tenant_change change = { .name = name };
	struct change_job job = { .world = world, .change = &change, .new_name = new_name };

	TRY(store_transact(world->store, TX_WRITE, a, rename_tenant, &job));
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

	return operator_tenant_by_name(tx, job->tenant, job->rows);
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
