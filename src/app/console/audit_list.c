#include "app/console/audit_list.h"

#include <string.h>

#include "app/operator/account.h"
#include "app/person/kyc_status.h"
#include "app/person/tenant_group.h"
#include "domain/event.h"

/* Entries that are read at once: first, and afterwards if few of them match. */
#define BATCH 200
#define BATCH_MAX 1000

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct audit_filter *filter;
	struct audit_list *out;
	char subject[sizeof(
		((struct audit_entry *)NULL)->subject)]; /* that the entries have; empty: it is too long */
};

/* Whom the words of a filter stand for. A command is an operator without an account. */
static const struct {
	enum actor_kind kind;
	bool is_command;
} actor_kinds[AUDIT_ACTORS_COUNT] = {
	[AUDIT_ACTORS_OPERATORS] = { ACTOR_OPERATOR, false },
	[AUDIT_ACTORS_COMMANDS] = { ACTOR_OPERATOR, true },
	[AUDIT_ACTORS_KEYS] = { ACTOR_KEY, false },
	[AUDIT_ACTORS_WORKERS] = { ACTOR_WORKER, false },
	[AUDIT_ACTORS_PROVIDER] = { ACTOR_PROVIDER, false },
	[AUDIT_ACTORS_LINKS] = { ACTOR_LINK, false },
};

static bool has_actor(const struct audit_filter *filter, const struct audit_entry *row)
{
	const enum audit_actors actors = filter->actors;

	if (filter->actor_id.n > 0 && !str_eq(filter->actor_id, str_of(row->actor)))
		return false;
	if (actors == AUDIT_ACTORS_ALL)
		return true;
	return row->actor_kind == actor_kinds[actors].kind &&
	       (row->actor_kind != ACTOR_OPERATOR ||
		       (row->actor[0] == '\0') == actor_kinds[actors].is_command);
}

static bool is_shown(const struct list_job *job, const struct audit_entry *row)
{
	struct tenant_id tenant;

	if (job->filter->action.n > 0 && !str_eq(job->filter->action, str_of(audit_action_name(row->action))))
		return false;
	if (!has_actor(job->filter, row))
		return false;
	if (operator_account_has_all_tenants(&job->caller->account))
		return true;
	return row->tenant_id[0] != '\0' &&
	       str_copy_to(str_of(row->tenant_id), tenant.text, sizeof(tenant.text)) &&
	       operator_account_has_tenant(&job->caller->account, &tenant);
}

/* Adds the rows that are shown until the page is full. Returns the number of rows that were looked at. Sets
 * `is_done` at the first row that is older than the filter permits. */
static size_t add_rows(struct list_job *job, const struct audit_entry *rows, size_t n, bool *is_done)
{
	struct audit_list *const out = job->out;
	char oldest[ID_SIZE];
	size_t i = 0;

	id_lower_bound(job->filter->from, oldest);
	while (i < n && out->n < job->filter->limit) {
		*is_done = !moment_is_unset(job->filter->from) && strcmp(rows[i].id.text, oldest) < 0;
		if (*is_done)
			return i;
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

/* Entries of operators have indexes of their own, because they are few among those of API calls. */
static enum query_kind choose_query(const struct audit_filter *filter)
{
	const bool is_operator = str_starts(filter->actor_id, STR(OPERATOR_ID_PREFIX));

	if (filter->subject.n > 0)
		return QUERY_AUDIT_OF_SUBJECT_BEFORE;
	if (is_operator || (filter->actors == AUDIT_ACTORS_COMMANDS && filter->actor_id.n == 0))
		return QUERY_AUDIT_OF_OPERATOR_BEFORE;
	return filter->actors == AUDIT_ACTORS_OPERATORS ? QUERY_AUDIT_OF_OPERATORS_BEFORE
							: QUERY_AUDIT_BEFORE;
}

static enum err find(
	struct tx *tx, const struct list_job *job, size_t limit, struct audit_entry *rows, size_t *n)
{
	const struct audit_filter *const filter = job->filter;
	struct audit_entry probe = { .id = job->out->next_before, .actor_kind = ACTOR_OPERATOR };

	*n = 0;
	if (filter->subject.n > 0 && job->subject[0] == '\0')
		return OK;
	if (!str_copy_to(filter->actor_id, probe.actor, sizeof(probe.actor)))
		return OK;
	memcpy(probe.subject, job->subject, sizeof(probe.subject));
	return store_find(tx, choose_query(filter), &probe, page_of(0, limit), rows, n);
}

/* An id begins with the time at which it was made, so a time is a place in the list. */
static void set_newest(const struct audit_filter *filter, struct audit_entry_id *out)
{
	struct audit_entry_id until = { "" };

	*out = filter->before;
	if (out->text[0] == '\0')
		memset(out->text, 'z', ID_LENGTH);
	if (moment_is_unset(filter->until))
		return;
	id_lower_bound(filter->until, until.text);
	if (strcmp(until.text, out->text) < 0)
		*out = until;
}

static enum err list(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct audit_list *const out = job->out;
	struct audit_entry *const rows = arena_array(tx->arena, struct audit_entry, BATCH_MAX);
	size_t n, limit = BATCH;
	bool is_done = false, is_full;

	if (!rows)
		return ERR_INTERNAL;
	memset(out, 0, sizeof(*out));
	TRY(resolve_subject(tx, job));
	set_newest(job->filter, &out->next_before);
	do {
		const struct arena_mark before = arena_mark(tx->arena);

		TRY(find(tx, job, limit, rows, &n));
		const size_t used = add_rows(job, rows, n, &is_done);
		arena_rewind(tx->arena, before);
		out->looked_at += used;
		is_full = used < n || out->n == job->filter->limit;
		out->has_more = !is_done && (used < n || n == limit);
		limit = BATCH_MAX;
	} while (out->has_more && !is_full && out->looked_at < AUDIT_LOOKED_AT_MAX);
	return name_operators(job, tx);
}

enum err console_audit_read_page(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct audit_filter *filter, struct audit_list *out)
{
	struct list_job job = { world, caller, filter, out, "" };

	return store_transact(world->store, TX_READ, a, list, &job);
}

enum console_verdict console_audit_permit(
	const struct world *world, const struct console_caller *caller, enum console_action action)
{
	struct tenant_id first;
	const bool is_limited = operator_account_tenant_at(&caller->account, 0, &first);

	return console_permit(world, caller, action, is_limited ? &first : NULL);
}

enum err console_audit_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct audit_list *out, enum console_verdict *verdict)
{
	*verdict = console_audit_permit(world, caller, CONSOLE_VIEW_AUDIT);
	return *verdict == CONSOLE_PERMITTED ? console_audit_read_page(world, a, caller, filter, out) : OK;
}
