#include "app/console/audit_list.h"

#include <string.h>

#define BATCH 200

struct list_job {
	const struct console_caller *caller;
	const struct audit_filter *filter;
	struct audit_list *out;
};

static bool is_shown(const struct list_job *job, const struct audit_entry *row)
{
	struct tenant_id tenant;

	if (job->filter->action.n > 0 && !str_eq(job->filter->action, str_of(audit_action_name(row->action))))
		return false;
	if (operator_account_has_all_tenants(&job->caller->account))
		return true;
	return row->tenant_id[0] != '\0' &&
	       str_copy_to(str_of(row->tenant_id), tenant.text, sizeof(tenant.text)) &&
	       operator_account_has_tenant(&job->caller->account, &tenant);
}

/* Adds the rows that are shown until the page is full. Returns the number of rows that were looked at. */
static size_t add_rows(struct list_job *job, const struct audit_entry *rows, size_t n)
{
	struct audit_list *const out = job->out;
	size_t i = 0;

	while (i < n && out->n < job->filter->limit) {
		if (is_shown(job, &rows[i]))
			out->rows[out->n++] = rows[i];
		out->next_before = rows[i++].id;
	}
	return i;
}

static enum err find(struct tx *tx, const struct list_job *job, struct audit_entry *rows, size_t *n)
{
	struct audit_entry probe = { .id = job->out->next_before };
	const bool has_subject = job->filter->subject.n > 0;

	if (has_subject && !str_copy_to(job->filter->subject, probe.subject, sizeof(probe.subject))) {
		*n = 0;
		return OK;
	}
	return store_find(tx, has_subject ? QUERY_AUDIT_OF_SUBJECT_BEFORE : QUERY_AUDIT_BEFORE, &probe,
		page_of(0, BATCH), rows, n);
}

static enum err list(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct audit_entry *const rows = arena_array(tx->arena, struct audit_entry, BATCH);
	size_t n = BATCH, looked_at = 0, used = 0;

	if (!rows)
		return ERR_INTERNAL;
	memset(job->out, 0, sizeof(*job->out));
	job->out->next_before = job->filter->before;
	if (job->out->next_before.text[0] == '\0')
		memset(job->out->next_before.text, 'z', ID_LENGTH);
	while (n == BATCH && used == (looked_at > 0 ? BATCH : 0) && looked_at < AUDIT_LOOKED_AT_MAX) {
		TRY(find(tx, job, rows, &n));
		used = add_rows(job, rows, n);
		looked_at += used;
	}
	job->out->has_more = n == BATCH || used < n;
	return OK;
}

enum err console_audit_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct audit_list *out, enum console_verdict *verdict)
{
	struct list_job job = { caller, filter, out };
	struct tenant_id first;
	const bool is_limited = operator_account_tenant_at(&caller->account, 0, &first);

	*verdict = console_permit(world, caller, CONSOLE_VIEW_AUDIT, is_limited ? &first : NULL);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_READ, a, list, &job) : OK;
}
