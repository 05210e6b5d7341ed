#include "app/console/system.h"

#include <string.h>

#include "app/console/system_attention.h"
#include "app/console/system_measures.h"
#include "app/core/audit.h"
#include "app/core/instances.h"

struct system_job {
	const struct world *world;
	const struct console_caller *caller;
	struct server_instance *rows; /* room for INSTANCES_MAX */
	size_t n;
	moment now;
};

static enum err read_instances(struct tx *tx, void *arg)
{
	struct system_job *const job = arg;

	return instance_list(tx, job->rows, &job->n, &job->now);
}

/* Only one server can use a SQLite file, so each newer one has replaced those before. Of several instances,
 * one that was started on the same host later has. */
static bool is_replaced(
	const struct system_job *job, const struct system_view *view, const struct server_instance *lost)
{
	for (size_t i = 0; i < job->n; i++) {
		const struct server_instance *const other = &job->rows[i];

		if (!instance_is_lost(other, view->now) && moment_is_before(lost->seen_at, other->seen_at) &&
			moment_is_before(lost->started_at, other->started_at) &&
			(!job->world->store->shared || strcmp(lost->host, other->host) == 0))
			return true;
	}
	return false;
}

static void set_instances(const struct system_job *job, struct system_view *view)
{
	view->now = job->now;
	view->n_instances = job->n;
	for (size_t i = 0; i < job->n; i++) {
		struct system_instance *const out = &view->instances[i];

		out->row = job->rows[i];
		out->is_self = strcmp(out->row.id.text, job->world->instance.text) == 0;
		out->is_lost = !out->is_self && instance_is_lost(&out->row, view->now);
		out->is_replaced = out->is_lost && is_replaced(job, view, &out->row);
	}
}

static bool is_out_of_date(const struct world *world, const struct self_check_result *checks)
{
	return moment_is_unset(checks->finished_at) ||
	       !moment_is_before(world_now(world), moment_add(checks->finished_at, SELF_CHECK_OLD_AFTER));
}

static enum err read_checks(
	const struct world *world, struct arena *a, bool may_start, struct system_view *view)
{
	struct self_check *const check = world->self_check;

	view->has_checks = check != NULL;
	if (check == NULL)
		return OK;
	TRY(check->ops->read(check, a, &view->checks));
	if (may_start && !view->checks.is_running && is_out_of_date(world, &view->checks)) {
		TRY(check->ops->start(check));
		view->checks.is_running = true;
	}
	view->backup_keeper = check->ops->backups(check, a, &view->backups);
	return OK;
}

enum err console_system_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	bool may_start, struct system_view *out, enum console_verdict *verdict)
{
	struct system_job job = { .world = world };

	*verdict = console_permit(world, caller, CONSOLE_VIEW_SYSTEM, NULL);
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	*out = (struct system_view){ .has_checks = false };
	job.rows = arena_array(a, struct server_instance, INSTANCES_MAX);
	if (job.rows == NULL)
		return ERR_INTERNAL;
	TRY(store_transact(world->store, TX_READ, a, read_instances, &job));
	set_instances(&job, out);
	TRY(read_checks(world, a, may_start, out));
	TRY(system_measures_read(world, a, out));
	return system_attention_list(a, out);
}

static enum err add_entry(struct tx *tx, void *arg)
{
	const struct system_job *const job = arg;
	const struct actor *const actor = &job->caller->actor;

	return audit_append(job->world, tx, actor,
		&(const struct audit_params){ AUDIT_CHECKS_STARTED, actor->id, "", "" });
}

enum err console_system_check(const struct world *world, struct arena *a, const struct console_caller *caller,
	enum console_verdict *verdict)
{
	struct system_job job = { .world = world, .caller = caller };

	*verdict = console_permit(world, caller, CONSOLE_VIEW_SYSTEM, NULL);
	if (*verdict != CONSOLE_PERMITTED || world->self_check == NULL)
		return OK;
	TRY(store_transact(world->store, TX_WRITE, a, add_entry, &job));
	return world->self_check->ops->start(world->self_check);
}
