#include "web/console/system_values.h"

#include <inttypes.h>

#include "web/console/values.h"

#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS (60 * MINUTE_MS)
#define KIB ((int64_t)1024)

static struct template_list attention_items(struct arena *a, const struct system_view *view)
{
	struct attention_values *const items = arena_array(a, struct attention_values, SYSTEM_ATTENTION_MAX);

	for (size_t i = 0; items && i < view->n_attention; i++)
		items[i] = (struct attention_values){ view->attention[i].topic, view->attention[i].text,
			view->attention[i].kind == FINDING_ERROR };
	return (struct template_list){ items, items ? view->n_attention : 0 };
}

static struct template_list instance_items(struct arena *a, const struct system_view *view)
{
	struct instance_values *const items = arena_array(a, struct instance_values, INSTANCES_MAX);

	for (size_t i = 0; items && i < view->n_instances; i++) {
		const struct system_instance *const instance = &view->instances[i];

		items[i] = (struct instance_values){ str_of(instance->row.host),
			str_of(instance->row.id.text), str_of(instance->row.version),
			console_time(a, instance->row.started_at), console_time(a, instance->row.seen_at),
			instance->is_self, instance->is_lost, instance->is_replaced };
	}
	return (struct template_list){ items, items ? view->n_instances : 0 };
}

/* A number without a limit is neither good nor bad. */
static struct template_list measure_items(struct arena *a, const struct system_view *view)
{
	struct measure_values *const items = arena_array(a, struct measure_values, SYSTEM_MEASURES_MAX);

	for (size_t i = 0; items && i < view->n_measures; i++) {
		const struct system_measure *const m = &view->measures[i];

		items[i] = (struct measure_values){ str_of(m->name), m->value, m->limit,
			m->kind == FINDING_ERROR, m->kind == FINDING_WARNING,
			m->kind == FINDING_OK && m->advice[0] != '\0' };
	}
	return (struct template_list){ items, items ? view->n_measures : 0 };
}

static struct template_list check_items(struct arena *a, const struct self_check_result *checks)
{
	struct check_values *const items = arena_array(a, struct check_values, SELF_CHECK_FINDINGS_MAX);

	for (size_t i = 0; items && i < checks->n; i++) {
		const struct self_check_finding *const finding = &checks->findings[i];

		items[i] = (struct check_values){ finding->check, finding->message,
			finding->kind == FINDING_ERROR, finding->kind == FINDING_WARNING,
			finding->kind == FINDING_OK };
	}
	return (struct template_list){ items, items ? checks->n : 0 };
}

/* "1 thing", "2 things". */
static struct str things(struct arena *a, size_t n)
{
	return arena_printf(a, "%zu thing%s", n, n == 1 ? "" : "s");
}

static void set_verdict(struct arena *a, const struct system_view *view, struct system_values *out)
{
	const size_t n_warnings = view->n_attention - view->n_errors;
	const struct str errors = things(a, view->n_errors), warnings = things(a, n_warnings);

	if (view->n_errors > 0) {
		out->verdict_class = STR("bad");
		out->verdict = arena_printf(
			a, "%.*s need%s attention now.", STR_ARG(errors), view->n_errors == 1 ? "s" : "");
	} else if (n_warnings > 0) {
		out->verdict_class = STR("wait");
		out->verdict = arena_printf(
			a, "kycd works. Look at %.*s when you have time.", STR_ARG(warnings));
	} else if (!view->has_checks || moment_is_unset(view->checks.finished_at)) {
		out->verdict_class = STR("wait");
		out->verdict = STR("Nothing bad is known, but the checks have not run yet.");
	} else {
		out->verdict_class = STR("good");
		out->verdict = STR("Everything works.");
	}
}

static struct str age(struct arena *a, moment from, moment now)
{
	const int64_t ms = moment_diff(from, now).ms < 0 ? 0 : moment_diff(from, now).ms;

	return ms < 2 * HOUR_MS ? arena_printf(a, "%" PRId64 " minutes", ms / MINUTE_MS)
				: arena_printf(a, "%" PRId64 " hours", ms / HOUR_MS);
}

static void set_backups(struct arena *a, const struct system_view *view, struct system_values *out)
{
	static const struct str texts[] = {
		[BACKUPS_NOT_NEEDED] = STR_INIT("Development mode needs no backups."),
		[BACKUPS_BY_KYCD] = STR_INIT(""),
		[BACKUPS_BY_POSTGRES] = STR_INIT(
			"The database is on a PostgreSQL server. kycd makes no backups "
			"of it and does not know of any: use the tools of PostgreSQL (pg_dump, "
			"pg_basebackup with a WAL archive), and monitor them there."),
	};
	const struct backup_history *const backups = &view->backups;

	out->backup_text = texts[view->backup_keeper];
	out->backup_is_kept = view->backup_keeper == BACKUPS_BY_KYCD;
	out->backup_is_bad = backup_has_failed(backups) || backup_is_old(backups, view->now);
	out->backup_at = console_time(a, backups->last_at);
	out->backup_age = age(a, backups->last_at, view->now);
	out->backup_size = backups->bytes > 0
				   ? arena_printf(a, "%" PRId64 " KiB in %" PRId64 ".%" PRId64 " s",
					     backups->bytes / KIB, backups->ms / 1000,
					     backups->ms % 1000 / 100)
				   : STR("");
	if (backup_has_failed(backups)) {
		out->failed_at = console_time(a, backups->failed_at);
		out->failure = backups->failure;
	}
}

enum err system_values_fill(struct arena *a, const struct system_view *view, struct system_values *out)
{
	out->checked_at = console_time(a, view->checks.finished_at);
	out->is_running = view->checks.is_running;
	out->has_no_checks = !view->has_checks;
	out->attention = attention_items(a, view);
	out->instances = instance_items(a, view);
	out->measures = measure_items(a, view);
	out->findings = check_items(a, &view->checks);
	set_verdict(a, view, out);
	set_backups(a, view, out);
	return out->verdict.p && out->attention.n == view->n_attention &&
			       out->instances.n == view->n_instances && out->measures.n == view->n_measures &&
			       out->findings.n == view->checks.n
		       ? OK
		       : ERR_INTERNAL;
}
