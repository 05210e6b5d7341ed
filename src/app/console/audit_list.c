#include "app/console/audit_list.h"

#include <string.h>

#include "app/operator/account.h"
#include "app/person/kyc_status.h"
#include "app/person/tenant_group.h"
#include "domain/event.h"

#define BATCH 200

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct audit_filter *filter;
	struct audit_list *out;
	char subject[sizeof(
		((struct audit_entry *)NULL)->subject)]; /* that the entries have; empty: it is too long */
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

/* Finds the user whom a tenant knows by this id. */
static enum err find_user(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct list_job *const job = arg;
	struct enrolment probe = { .tenant_id = tenant->id }, row;
	size_t n;

	if (!operator_account_has_tenant(&job->caller->account, &tenant->id))
		return OK;
	if (str_eq(job->filter->subject, str_of(tenant->name)))
		return str_copy_to(str_of(tenant->id.text), job->subject, sizeof(job->subject))
			       ? OK
			       : ERR_INTERNAL;
	if (!shown_id_read(PUBLIC_USER_ID_PREFIX, job->filter->subject, probe.public_user_id.text))
		return OK;
	TRY(store_find(tx, QUERY_ENROLMENT_BY_PUBLIC_USER, &probe, page_of(0, 1), &row, &n));
	if (n > 0)
		(void)!str_copy_to(str_of(row.user_id.text), job->subject, sizeof(job->subject));
	return OK;
}

/* Entries about a person have the id of a user, which no other page shows. */
static enum err resolve_subject(struct tx *tx, struct list_job *job)
{
	struct session session;

	if (!str_copy_to(job->filter->subject, job->subject, sizeof(job->subject)))
		return OK;
	if (job->filter->subject.n == 0)
		return OK;
	const enum err e = session_by_provider_ref(tx, job->filter->subject, &session);

	if (e == OK)
		(void)!str_copy_to(str_of(session.user_id.text), job->subject, sizeof(job->subject));
	return e == OK || e == ERR_NOT_FOUND ? tenant_group_each(tx, NULL, find_user, job) : e;
}

/* Neighbouring rows often have the same actor, whose address is then opened once. */
static enum err name_operators(const struct list_job *job, struct tx *tx)
{
	struct audit_list *const out = job->out;
	struct operator_id id;

	for (size_t i = 0; i < out->n; i++) {
		const struct audit_entry *const row = &out->rows[i];

		out->operators[i] = (struct str){ NULL, 0 };
		if (row->actor_kind != ACTOR_OPERATOR ||
			!shown_id_read(OPERATOR_ID_PREFIX, str_of(row->actor), id.text))
			continue;
		if (i > 0 && strcmp(row->actor, out->rows[i - 1].actor) == 0)
			out->operators[i] = out->operators[i - 1];
		else
			TRY(operator_email_of(job->world, tx, &id, &out->operators[i]));
	}
	return OK;
}

static enum err find(struct tx *tx, const struct list_job *job, struct audit_entry *rows, size_t *n)
{
	struct audit_entry probe = { .id = job->out->next_before };
	const bool has_subject = job->filter->subject.n > 0;

	*n = 0;
	if (has_subject && job->subject[0] == '\0')
		return OK;
	memcpy(probe.subject, job->subject, sizeof(probe.subject));
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
	TRY(resolve_subject(tx, job));
	if (job->out->next_before.text[0] == '\0')
		memset(job->out->next_before.text, 'z', ID_LENGTH);
	while (n == BATCH && used == (looked_at > 0 ? BATCH : 0) && looked_at < AUDIT_LOOKED_AT_MAX) {
		TRY(find(tx, job, rows, &n));
		used = add_rows(job, rows, n);
		looked_at += used;
	}
	job->out->has_more = n == BATCH || used < n;
	return name_operators(job, tx);
}

enum err console_audit_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct audit_list *out, enum console_verdict *verdict)
{
	struct list_job job = { world, caller, filter, out, "" };
	struct tenant_id first;
	const bool is_limited = operator_account_tenant_at(&caller->account, 0, &first);

	*verdict = console_permit(world, caller, CONSOLE_VIEW_AUDIT, is_limited ? &first : NULL);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_READ, a, list, &job) : OK;
}
