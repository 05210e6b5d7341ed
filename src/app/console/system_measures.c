#include "app/console/system_measures.h"

#include <inttypes.h>

#include "app/mail/health.h"
#include "base/attr.h"
#include "base/metrics.h"

#define MIB ((int64_t)1024 * 1024)
#define HOUR_S ((int64_t)3600)
#define CONNECTIONS_PERCENT 80

enum limit_kind { NO_LIMIT, LIMIT_ABOVE, LIMIT_BELOW };

/* A value of 0 that means "not measured" is left out. */
static const struct measurement {
	const char *name, *unit;
	enum metric metric;
	int64_t divisor;
	bool may_be_zero;
	enum limit_kind limit_kind;
	int64_t limit; /* in the unit */
	enum finding kind;
	const char *advice;
} measurements[] = {
	{ "Writes that wait", "", METRIC_QUEUE_DEPTH, 1, true, LIMIT_ABOVE, 256, FINDING_ERROR,
		"the disk or the database is too slow for the load: find out which other program uses it" },
	{ "Oldest e-mail that waits", " s", METRIC_OUTBOX_OLDEST, 1, true, LIMIT_ABOVE, 120, FINDING_ERROR,
		"people do not get their codes: see the findings about the mail server, and the log (mail_)" },
	{ "Oldest webhook delivery that waits", " s", METRIC_WEBHOOK_OLDEST, 1, true, LIMIT_ABOVE, 600,
		FINDING_WARNING,
		"the servers of tenants do not learn of changes: see which endpoints fail under Events and webhooks" },
	{ "Longest time without an update of an open session", " h", METRIC_STALE_SESSION_OLDEST, HOUR_S,
		true, LIMIT_ABOVE, 24, FINDING_WARNING,
		"the provider reports nothing about a session: see the findings about the provider, and the log "
		"(reconcile_)" },
	{ "Size of the database", " MiB", METRIC_DATABASE_SIZE, MIB, false, NO_LIMIT, 0, FINDING_OK, "" },
	{ "Free space of its disk", " MiB", METRIC_DISK_FREE, MIB, false, LIMIT_BELOW, 1024, FINDING_ERROR,
		"free some space, or kycd cannot write any more" },
};

static void add(struct system_view *view, const struct system_measure *measure)
{
	if (view->n_measures < SYSTEM_MEASURES_MAX)
		view->measures[view->n_measures++] = *measure;
}

static bool is_beyond(const struct measurement *m, int64_t value)
{
	return m->limit_kind == LIMIT_ABOVE ? value > m->limit
					    : m->limit_kind == LIMIT_BELOW && value < m->limit;
}

static void add_measurement(struct arena *a, struct system_view *view, const struct measurement *m)
{
	static const char *const words[] = { [LIMIT_ABOVE] = "at most", [LIMIT_BELOW] = "at least" };
	const int64_t read = metric_read(m->metric, 0, 0), value = read / m->divisor;

	if (read < 0 || (read == 0 && !m->may_be_zero))
		return;
	add(view,
		&(const struct system_measure){ .name = m->name,
			.value = arena_printf(a, "%" PRId64 "%s", value, m->unit),
			.limit = m->limit_kind == NO_LIMIT ? STR("")
							   : arena_printf(a, "%s %" PRId64 "%s",
								     words[m->limit_kind], m->limit, m->unit),
			.kind = is_beyond(m, value) ? m->kind : FINDING_OK,
			.advice = m->advice });
}

static void add_connections(struct arena *a, struct system_view *view)
{
	const int64_t open = metric_read(METRIC_CONNECTIONS, 0, 0),
		      max = metric_read(METRIC_CONNECTIONS_MAX, 0, 0),
		      limit = max * CONNECTIONS_PERCENT / 100;

	if (max > 0)
		add(view,
			&(const struct system_measure){ .name = "Open connections",
				.value = arena_printf(a, "%" PRId64, open),
				.limit = arena_printf(a, "at most %" PRId64 ", %d %% of max_connections",
					limit, CONNECTIONS_PERCENT),
				.kind = open > limit ? FINDING_WARNING : FINDING_OK,
				.advice = "at max_connections new connections get 503: find out at the proxy "
					  "who opens them, or raise the setting" });
}

/* Adds whether another system works, as calls to it have shown. */
static void add_state(struct system_view *view, const char *name, bool is_down, const char *advice)
{
	add(view, &(const struct system_measure){ .name = name,
			  .value = is_down ? STR("fails") : STR("no failure"),
			  .limit = STR(""),
			  .kind = is_down ? FINDING_ERROR : FINDING_OK,
			  .advice = advice });
}

enum err system_measures_read(const struct world *world, struct arena *a, struct system_view *view)
{
	view->n_measures = 0;
	add_state(view, "Calls to the provider", metric_read(METRIC_PROVIDER_OPEN, 0, 0) != 0,
		"ten calls failed in a row, so nobody can start a check: see the findings about the provider");
	add_state(view, "E-mails to the mail server", mail_is_reported_down(world),
		"people get no codes, and send-otp answers 500: see the findings about the mail server");
	add_connections(a, view);
	for (size_t i = 0; i < array_len(measurements); i++)
		add_measurement(a, view, &measurements[i]);
	for (size_t i = 0; i < view->n_measures; i++)
		if (view->measures[i].value.p == NULL || view->measures[i].limit.p == NULL)
			return ERR_INTERNAL;
	return OK;
}
