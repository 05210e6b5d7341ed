#include "app/console/audit_export.h"

#include <stdio.h>

#include "app/core/audit.h"
#include "base/attr.h"
#include "base/buf.h"
#include "text/csv.h"

struct export_job {
	const struct world *world;
	const struct console_caller *caller;
	enum console_verdict *verdict;
	struct audit_filter filter; /* of the next page */
	size_t n, looked_at;
	bool has_more;
};

static enum err admit_export(struct tx *tx, void *arg)
{
	struct export_job *const job = arg;
	bool usable;

	*job->verdict = console_audit_permit(job->world, job->caller, CONSOLE_VIEW_AUDIT);
	if (*job->verdict == CONSOLE_PERMITTED)
		*job->verdict = console_audit_permit(job->world, job->caller, CONSOLE_EXPORT_LIST);
	if (*job->verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(console_use_step_up(job->world, tx, job->caller, &usable));
	if (!usable)
		*job->verdict = CONSOLE_STEP_UP_NEEDED;
	return OK;
}

/* The entry of an operator who is limited to one tenant names it, so that operators of this tenant see it. */
static enum err write_audit(struct tx *tx, void *arg)
{
	const struct export_job *const job = arg;
	struct tenant_id tenant = { "" }, other;
	char rows[24];

	if (!operator_account_tenant_at(&job->caller->account, 0, &tenant) ||
		operator_account_tenant_at(&job->caller->account, 1, &other))
		tenant.text[0] = '\0';
	(void)snprintf(rows, sizeof(rows), "%zu", job->n);
	const struct audit_params params = { AUDIT_LIST_EXPORTED, "audit", tenant.text, rows };

	return audit_append(job->world, tx, &job->caller->actor, &params);
}

static void write_header(struct buf *out)
{
	static const struct str names[] = { STR_INIT("time"), STR_INIT("id"), STR_INIT("action"),
		STR_INIT("actor"), STR_INIT("actor_id"), STR_INIT("operator_email"), STR_INIT("subject"),
		STR_INIT("tenant_id"), STR_INIT("detail"), STR_INIT("request_id") };

	csv_line(out, names, array_len(names));
}

static void write_entry(struct buf *out, const struct audit_entry *row, struct str email)
{
	char at[MOMENT_RFC3339_SIZE];

	moment_rfc3339(row->at, at);
	const struct str fields[] = { str_of(at), str_of(row->id.text),
		str_of(audit_action_name(row->action)), str_of(actor_kind_name(row->actor_kind)),
		str_of(row->actor), email, str_of(row->subject), str_of(row->tenant_id), str_of(row->detail),
		str_of(row->request_id) };

	csv_line(out, fields, array_len(fields));
}

/* Writes the next page, in an arena of its own. */
static enum err write_page(struct export_job *job, struct buf *out)
{
	const size_t left = AUDIT_EXPORT_ROWS_MAX - job->n;
	struct audit_list *list;
	struct arena a;
	enum err e = ERR_INTERNAL;

	arena_init(&a, AUDIT_LIST_ARENA);
	list = arena_new(&a, struct audit_list);
	job->filter.limit = left < AUDIT_LIST_MAX ? left : AUDIT_LIST_MAX;
	if (list)
		e = console_audit_read_page(job->world, &a, job->caller, &job->filter, list);
	if (e == OK) {
		for (size_t i = 0; i < list->n; i++)
			write_entry(out, &list->rows[i], list->operators[i]);
		job->n += list->n;
		job->looked_at += list->looked_at;
		job->filter.before = list->next_before;
		job->has_more = list->has_more;
	}
	arena_finish(&a);
	return e;
}

static enum err write_last_line(const struct export_job *job, struct arena *a, struct buf *out)
{
	const struct str last =
		job->n == AUDIT_EXPORT_ROWS_MAX
			? arena_printf(a,
				  "Only the newest %d entries are in this file. Choose a shorter time to get the others.",
				  AUDIT_EXPORT_ROWS_MAX)
			: arena_printf(a,
				  "Only the newest %d entries of the audit log were searched. Choose a shorter time to get the others.",
				  AUDIT_EXPORT_LOOKED_AT_MAX);

	if (!last.p)
		return ERR_INTERNAL;
	csv_line(out, &last, 1);
	return OK;
}

static enum err write_file(struct export_job *job, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	write_header(&text);
	while (job->has_more && job->n < AUDIT_EXPORT_ROWS_MAX && job->looked_at < AUDIT_EXPORT_LOOKED_AT_MAX)
		TRY(write_page(job, &text));
	if (job->has_more)
		TRY(write_last_line(job, a, &text));
	return buf_done(&text, out);
}

enum err console_audit_export(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct str *out, enum console_verdict *verdict)
{
	struct export_job job = {
		.world = world, .caller = caller, .verdict = verdict, .filter = *filter, .has_more = true
	};

	job.filter.before.text[0] = '\0';
	TRY(store_transact(world->store, TX_WRITE, a, admit_export, &job));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	TRY(write_file(&job, a, out));
	/* Nothing is given out whose audit entry cannot be written. */
	return store_transact(world->store, TX_WRITE, a, write_audit, &job);
}
