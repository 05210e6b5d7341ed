#include "app/console/system_attention.h"

#include <string.h>

static enum err add(struct system_view *view, enum finding kind, struct str topic, struct str text)
{
	if (text.p == NULL)
		return ERR_INTERNAL;
	if (view->n_attention < SYSTEM_ATTENTION_MAX)
		view->attention[view->n_attention++] = (struct system_attention){ kind, topic, text };
	view->n_errors += kind == FINDING_ERROR;
	return OK;
}

static enum err add_findings(struct system_view *view)
{
	const struct self_check_result *const checks = &view->checks;

	for (size_t i = 0; i < checks->n; i++) {
		const struct self_check_finding *const finding = &checks->findings[i];

		if (finding->kind != FINDING_OK)
			TRY(add(view, finding->kind, finding->check, finding->message));
	}
	if (!checks->is_cut_off)
		return OK;
	return add(view, FINDING_WARNING, STR("checks"),
		STR("the checks could not be completed within a minute: run kycd doctor on the server"));
}

static enum err add_measures(struct arena *a, struct system_view *view)
{
	for (size_t i = 0; i < view->n_measures; i++) {
		const struct system_measure *const m = &view->measures[i];

		if (m->kind != FINDING_OK)
			TRY(add(view, m->kind, str_of(m->name),
				arena_printf(a, "%.*s: %s", STR_ARG(m->value), m->advice)));
	}
	return OK;
}

static enum err add_backups(struct arena *a, struct system_view *view)
{
	const struct backup_history *const backups = &view->backups;
	char at[MOMENT_RFC3339_SIZE];

	if (view->backup_keeper != BACKUPS_BY_KYCD)
		return OK;
	if (backup_has_failed(backups)) {
		moment_rfc3339(backups->failed_at, at);
		TRY(add(view, FINDING_ERROR, STR("backup"),
			arena_printf(a, "the backup at %s failed: %.*s", at, STR_ARG(backups->failure))));
	}
	if (moment_is_unset(backups->last_at))
		return add(view, FINDING_WARNING, STR("backup"),
			STR("no backup is known: make one with kycd db backup FILE, each night (docs/operating.md)"));
	if (!backup_is_old(backups, view->now))
		return OK;
	moment_rfc3339(backups->last_at, at);
	return add(view, FINDING_WARNING, STR("backup"),
		arena_printf(a,
			"the last backup was made at %s, more than 24 hours ago: run the nightly backup by hand, "
			"and read what it prints",
			at));
}

static enum err add_lost_instances(struct arena *a, struct system_view *view)
{
	char at[MOMENT_RFC3339_SIZE];

	for (size_t i = 0; i < view->n_instances; i++) {
		const struct system_instance *const instance = &view->instances[i];

		if (!instance->is_lost || instance->is_replaced)
			continue;
		moment_rfc3339(instance->row.seen_at, at);
		TRY(add(view, FINDING_WARNING, STR("instance"),
			arena_printf(a,
				"the instance on %s has given no sign of life since %s: it has crashed or does not "
				"reach the database; read its log and start it again",
				instance->row.host, at)));
	}
	return OK;
}

static enum err add_versions(struct arena *a, struct system_view *view)
{
	const char *first = NULL;

	for (size_t i = 0; i < view->n_instances; i++) {
		const struct system_instance *const instance = &view->instances[i];

		if (instance->is_lost)
			continue;
		if (first != NULL && strcmp(first, instance->row.version) != 0)
			return add(view, FINDING_WARNING, STR("instance"),
				arena_printf(a,
					"instances run different versions, %s and %s: complete the upgrade",
					first, instance->row.version));
		first = instance->row.version;
	}
	return OK;
}

/* Moves the errors before the warnings; the order among each of them stays. */
static enum err sort_attention(struct arena *a, struct system_view *view)
{
	struct system_attention *const sorted = arena_array(a, struct system_attention, SYSTEM_ATTENTION_MAX);
	size_t n = 0;

	if (sorted == NULL)
		return ERR_INTERNAL;
	for (int kind = FINDING_ERROR; kind >= FINDING_WARNING; kind--)
		for (size_t i = 0; i < view->n_attention; i++)
			if (view->attention[i].kind == (enum finding)kind)
				sorted[n++] = view->attention[i];
	memcpy(view->attention, sorted, n * sizeof(*sorted));
	return OK;
}

enum err system_attention_list(struct arena *a, struct system_view *view)
{
	view->n_attention = view->n_errors = 0;
	TRY(add_measures(a, view));
	TRY(add_findings(view));
	TRY(add_backups(a, view));
	TRY(add_lost_instances(a, view));
	TRY(add_versions(a, view));
	return sort_attention(a, view);
}
