#include "app/admin/person_report.h"

#include <string.h>

#include "app/person/tenant_group.h"
#include "base/attr.h"

static const char *const create_names[] = {
	[CREATE_NEW] = "new",
	[CREATE_RESUME] = "resume",
	[CREATE_APPROVED_ALREADY] = "approved",
	[CREATE_WAIT] = "wait",
	[CREATE_ABANDONED] = "abandoned",
	[CREATE_REFUSED] = "refused",
};

const char *person_report_create_name(enum create_verdict v)
{
	return create_names[v];
}

struct report_job {
	const struct world *world;
	const struct person_selector *selector;
	struct person_reports *out;
};

/* A report to which enrolments are being added, and the end of its list of tenants. */
struct report_list {
	const struct world *world;
	struct person_report *report;
	const struct report_tenant **end;
};

static enum err load_last_code(struct tx *tx, const struct effect_id *id, const char **word)
{
	struct effect effect = { .id = *id };

	*word = NULL;
	if (id->text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &effect);
	if (e == OK)
		*word = effect_state_name(effect.state);
	return e == ERR_NOT_FOUND ? OK : e; /* no failure: finished e-mails are removed after 30 days */
}

static enum err add_enrolment(struct tx *tx, struct report_list *report_list, const struct tenant *tenant,
	const struct enrolment *enrolment)
{
	struct address address = { .blind_index = enrolment->blind_index };
	struct report_tenant *const row = arena_new(tx->arena, struct report_tenant);
	const struct str name = arena_copy(tx->arena, str_of(tenant->name));

	if (!row || !name.p)
		return ERR_INTERNAL;
	TRY(store_load_address(tx, &address));
	*row = (struct report_tenant){ .id = tenant->id,
		.name = name.p,
		.kind = address.kind,
		.prepared_at = enrolment->prepared_at,
		.verified_at = enrolment->verified_at };
	TRY(load_last_code(tx, &enrolment->last_mail_id, &row->last_code));
	TRY(person_ids_read(
		report_list->world, tx, &report_list->report->match->linked, enrolment, &row->ids));
	*report_list->end = row;
	report_list->end = &row->next;
	return OK;
}

static enum err add_enrolments_of_tenant(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct report_list *const report_list = arg;
	const struct linked_users *const linked = &report_list->report->match->linked;
	struct enrolment rows[ADDRESSES_MAX];
	size_t n;

	for (size_t u = 0; u < linked->n; u++) {
		const struct enrolment probe = { .tenant_id = tenant->id, .user_id = linked->users[u].id };

		TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, ADDRESSES_MAX), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(add_enrolment(tx, report_list, tenant, &rows[i]));
	}
	return OK;
}

/* One more than the report shows, to find out whether there are more. */
#define SESSIONS_READ (REPORT_SESSIONS + 1)

/* Inserts a session into the list, which is sorted newest first. If the list is full, drops the oldest
 * session. */
static void insert_session(struct person_report *report, const struct session *row)
{
	struct session *const sessions = report->sessions;
	size_t at = report->n_sessions;

	while (at > 0 && moment_is_before(sessions[at - 1].created_at, row->created_at))
		at--;
	if (at == SESSIONS_READ)
		return;
	report->n_sessions += report->n_sessions < SESSIONS_READ;
	memmove(&sessions[at + 1], &sessions[at], (report->n_sessions - 1 - at) * sizeof(*sessions));
	sessions[at] = *row;
}

static enum err find_sessions(
	struct tx *tx, const struct user *user, struct session rows[SESSIONS_READ], size_t *n)
{
	const struct session probe = { .user_id = user->id };

	return store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, SESSIONS_READ), rows, n);
}

static enum err load_report_sessions(struct tx *tx, struct person_report *report)
{
	const struct linked_users *const linked = &report->match->linked;
	struct session *rows;
	size_t n;

	report->sessions = arena_array(tx->arena, struct session, SESSIONS_READ);
	if (!report->sessions)
		return ERR_INTERNAL;
	TRY(find_sessions(tx, linked_users_primary(linked), report->sessions, &report->n_sessions));
	for (size_t u = 1; u < linked->n; u++) {
		rows = arena_array(tx->arena, struct session, SESSIONS_READ);
		if (!rows)
			return ERR_INTERNAL;
		TRY(find_sessions(tx, &linked->users[u], rows, &n));
		for (size_t i = 0; i < n; i++)
			insert_session(report, &rows[i]);
	}
	report->has_more = report->n_sessions > REPORT_SESSIONS;
	report->n_sessions -= report->has_more;
	return OK;
}

static enum err load_report_next_step(const struct world *world, struct tx *tx, struct person_report *report)
{
	struct next_step_source source = { .kind = ADDRESS_EMAIL, .linked = report->match->linked };

	if (report->tenants)
		source.kind = report->tenants->kind;
	for (const struct report_tenant *t = report->tenants; t; t = t->next)
		source.is_verified |= !moment_is_unset(t->verified_at);
	return next_step_load(world, tx, &source, &report->next_step);
}

static enum err load_report_status(const struct world *world, struct tx *tx, struct person_report *report)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const struct linked_users *const linked = &report->match->linked;

	TRY(kyc_status_load(tx, linked, &report->kyc_status));
	TRY(retry_policy_check(world, tx, linked, &report->kyc_status, &report->check));
	report->tries_left = rule->tries - report->check.facts.tries;
	report->next_try = report->check.next_try_at;
	return OK;
}

static enum err read_report(const struct world *world, struct tx *tx, const struct person_match *match,
	struct person_report *report)
{
	struct address *const addresses = arena_array(tx->arena, struct address, ADDRESSES_MAX);
	struct report_list report_list = { .world = world, .report = report, .end = &report->tenants };

	if (!addresses)
		return ERR_INTERNAL;
	*report = (struct person_report){ .match = match };
	TRY(linked_users_addresses(tx, &match->linked, addresses, &report->n_addresses));
	TRY(tenant_group_each(tx, linked_users_primary(&match->linked)->group_name, add_enrolments_of_tenant,
		&report_list));
	TRY(load_report_sessions(tx, report));
	TRY(load_report_status(world, tx, report));
	return load_report_next_step(world, tx, report);
}

static enum err read_reports(struct tx *tx, void *arg)
{
	const struct report_job *const job = arg;
	struct person_search *const search = &job->out->search;

	TRY(person_search_run(job->world, tx, job->selector, search));
	for (size_t i = 0; i < search->n; i++)
		TRY(read_report(job->world, tx, &search->list[i], &job->out->list[i]));
	return OK;
}

enum err person_reports_read(const struct world *world, struct arena *a,
	const struct person_selector *selector, struct person_reports *out)
{
	struct report_job job = { world, selector, out };

	return store_transact(world->store, TX_READ, a, read_reports, &job);
}
