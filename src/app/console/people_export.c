#include "app/console/people_export.h"

#include <stdio.h>

#include "app/console/visible_tenants.h"
#include "app/core/audit.h"
#include "base/attr.h"
#include "base/buf.h"
#include "domain/event.h"
#include "text/csv.h"

#define PAGE_ROWS (PEOPLE_LIMIT_MAX - 1)

struct export_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct console_people_query *query;
	enum console_verdict *verdict;
	struct tenant tenant;
	size_t n; /* rows written */
};

static enum err admit_export(struct tx *tx, void *arg)
{
	struct export_job *const job = arg;
	struct visible_tenant found;
	bool usable;

	TRY(visible_tenant_find(
		job->world, tx, job->caller, CONSOLE_EXPORT_LIST, job->query->tenant, &found));
	*job->verdict = found.verdict;
	if (found.verdict != CONSOLE_PERMITTED)
		return OK;
	job->tenant = found.row;
	TRY(console_use_step_up(job->world, tx, job->caller, &usable));
	if (!usable)
		*job->verdict = CONSOLE_STEP_UP_NEEDED;
	return OK;
}

static enum err write_audit(struct tx *tx, void *arg)
{
	const struct export_job *const job = arg;
	struct audit_params params = { AUDIT_LIST_EXPORTED, job->tenant.id.text, job->tenant.id.text, "" };
	char rows[24];

	(void)snprintf(rows, sizeof(rows), "%zu", job->n);
	params.detail = rows;
	return audit_append(job->world, tx, &job->caller->actor, &params);
}

static void write_reasons(struct arena *a, struct reasons reasons, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (reasons_have(reasons, r))
			buf_printf(&text, "%s%s", text.n > 0 ? " " : "", reason_name(r));
	if (buf_done(&text, out) != OK)
		*out = STR("");
}

static struct str yes_or_no(bool b)
{
	return b ? STR("yes") : STR("no");
}

/* The same columns as the API's list (spec/events.md 4). `a` holds the texts of the line. */
static void write_person(struct buf *out, struct arena *a, const struct person_summary *person)
{
	char id[SHOWN_ID_SIZE], created[MOMENT_RFC3339_SIZE], updated[MOMENT_RFC3339_SIZE];
	struct str reasons;

	shown_id_write(PUBLIC_USER_ID_PREFIX, person->ids.user_id.text, id);
	moment_rfc3339(person->created_at, created);
	moment_rfc3339(person->updated_at, updated);
	write_reasons(a, person->next_step.reasons, &reasons);
	const struct str fields[] = { str_of(id), person->ids.reference,
		str_of(overall_status_name(person->status)), yes_or_no(person->verified.email),
		yes_or_no(person->verified.wallet), reasons,
		str_of(next_action_name(person->next_step.action)), str_of(created), str_of(updated) };

	csv_line(out, fields, array_len(fields));
}

static void write_header(struct buf *out)
{
	static const struct str names[] = { STR_INIT("user_id"), STR_INIT("reference"), STR_INIT("status"),
		STR_INIT("email_verified"), STR_INIT("wallet_verified"), STR_INIT("reasons"),
		STR_INIT("next_action"), STR_INIT("created_at"), STR_INIT("updated_at") };

	csv_line(out, names, array_len(names));
}

/* Writes the next page, in an arena of its own. Moves `query` behind it. */
static enum err write_page(
	struct export_job *job, struct console_people_query *query, struct buf *out, bool *has_more)
{
	const size_t left = CONSOLE_EXPORT_ROWS_MAX - job->n;
	struct people_page page;
	struct arena a;

	arena_init(&a, PEOPLE_MEMORY);
	const enum err e = console_people_read_page(
		job->world, &a, &job->tenant, query, left < PAGE_ROWS ? left : PAGE_ROWS, &page);

	if (e == OK) {
		for (size_t i = 0; i < page.n; i++)
			write_person(out, &a, &page.people[i]);
		job->n += page.n;
		query->before = page.next_after;
		*has_more = page.has_more;
	}
	arena_finish(&a);
	return e;
}

static enum err write_people(struct export_job *job, struct arena *a, struct str *out)
{
	struct console_people_query query = *job->query;
	bool has_more = true;
	struct buf text;

	buf_init(&text, a);
	write_header(&text);
	while (has_more && job->n < CONSOLE_EXPORT_ROWS_MAX)
		TRY(write_page(job, &query, &text, &has_more));
	if (has_more) {
		const struct str last = arena_printf(a,
			"Only the newest %d people are in this file. Choose a shorter time to get the others.",
			CONSOLE_EXPORT_ROWS_MAX);

		if (!last.p)
			return ERR_INTERNAL;
		csv_line(&text, &last, 1);
	}
	return buf_done(&text, out);
}

enum err console_people_export(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_people_query *query, struct str *out,
	enum console_verdict *verdict)
{
	struct export_job job = { .world = world, .caller = caller, .query = query, .verdict = verdict };

	TRY(store_transact(world->store, TX_WRITE, a, admit_export, &job));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(write_people(&job, a, out));
	/* Nothing is given out whose audit entry cannot be written. */
	return store_transact(world->store, TX_WRITE, a, write_audit, &job);
}
