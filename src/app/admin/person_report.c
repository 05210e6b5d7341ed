#include "app/admin/person_report.h"

#include <string.h>

#include "base/attr.h"

static const char *const create_words[] = {
	[CREATE_NEW] = "new",
	[CREATE_RESUME] = "resume",
	[CREATE_APPROVED_ALREADY] = "approved",
	[CREATE_WAIT] = "wait",
	[CREATE_ABANDONED] = "abandoned",
	[CREATE_REFUSED] = "refused",
};

const char *person_report_create_name(enum create_verdict v)
{
	return create_words[v];
}

struct reading_files {
	const struct world *world;
	const struct person_selector *selector;
	struct person_reports *out;
};

/* One person's file while its tenants are gone through. */
struct entry {
	struct person_report *file;
	const struct report_tenant **end;
};

static enum err last_code(struct tx *tx, const struct effect_id *id, const char **word)
{
	struct effect letter = { .id = *id };

	*word = NULL;
	if (id->text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &letter);
	if (e == OK)
		*word = effect_state_name(letter.state);
	return e == ERR_NOT_FOUND ? OK : e; /* letters are cleaned away in time */
}

static enum err add_tenant(
	struct tx *tx, struct entry *entry, const struct tenant *tenant, const struct enrolment *enrolment)
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
		.prepared = enrolment->prepared_at,
		.proven = enrolment->verified_at };
	TRY(last_code(tx, &enrolment->last_mail_id, &row->last_code));
	*entry->end = row;
	entry->end = &row->next;
	return OK;
}

static enum err visit(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct entry *const entry = arg;
	const struct linked_users *const linked = &entry->file->match->linked;
	struct enrolment rows[ADDRESSES_MAX];
	size_t n;

	for (size_t u = 0; u < linked->n; u++) {
		const struct enrolment probe = { .tenant_id = tenant->id, .user_id = linked->users[u].id };

		TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, ADDRESSES_MAX), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(add_tenant(tx, entry, tenant, &rows[i]));
	}
	return OK;
}

#define ROOM (REPORT_SESSIONS + 1) /* one more tells that there are more */

/* Among those that are there, newest first; the oldest goes where there are too many. */
static void insert(struct person_report *file, const struct session *row)
{
	struct session *const all = file->sessions;
	size_t at = file->n_sessions;

	while (at > 0 && moment_is_before(all[at - 1].created_at, row->created_at))
		at--;
	if (at == ROOM)
		return;
	file->n_sessions += file->n_sessions < ROOM;
	memmove(&all[at + 1], &all[at], (file->n_sessions - 1 - at) * sizeof(*all));
	all[at] = *row;
}

static enum err sessions_of(struct tx *tx, const struct user *user, struct session rows[ROOM], size_t *n)
{
	const struct session probe = { .user_id = user->id };

	return store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, ROOM), rows, n);
}

static enum err read_sessions(struct tx *tx, struct person_report *file)
{
	const struct linked_users *const linked = &file->match->linked;
	struct session *rows;
	size_t n;

	file->sessions = arena_array(tx->arena, struct session, ROOM);
	if (!file->sessions)
		return ERR_INTERNAL;
	TRY(sessions_of(tx, linked_users_primary(linked), file->sessions, &file->n_sessions));
	for (size_t u = 1; u < linked->n; u++) {
		rows = arena_array(tx->arena, struct session, ROOM);
		if (!rows)
			return ERR_INTERNAL;
		TRY(sessions_of(tx, &linked->users[u], rows, &n));
		for (size_t i = 0; i < n; i++)
			insert(file, &rows[i]);
	}
	file->has_more = file->n_sessions > REPORT_SESSIONS;
	file->n_sessions -= file->has_more;
	return OK;
}

static enum err judge(const struct world *world, struct tx *tx, struct person_report *file)
{
	const struct tries_rule *const rule = &world->rules->tries;
	const struct linked_users *const linked = &file->match->linked;

	TRY(kyc_status_load(tx, linked, &file->kyc_status));
	TRY(retry_policy_check(world, tx, linked, &file->kyc_status, &file->check));
	file->tries_left = rule->tries - file->check.facts.tries;
	/* A session of exactly the period's age still counts. */
	if (file->check.facts.tries > 0)
		file->next_try = moment_add(
			moment_add(file->check.oldest_try, rule->period), milliseconds(1));
	return OK;
}

static enum err read_file(const struct world *world, struct tx *tx, const struct person_match *match,
	struct person_report *file)
{
	struct address *const addresses = arena_array(tx->arena, struct address, ADDRESSES_MAX);
	struct entry entry = { .file = file, .end = &file->tenants };

	if (!addresses)
		return ERR_INTERNAL;
	*file = (struct person_report){ .match = match };
	TRY(linked_users_addresses(tx, &match->linked, addresses, &file->n_addresses));
	TRY(person_search_each_tenant(tx, linked_users_primary(&match->linked)->group_name, visit, &entry));
	TRY(read_sessions(tx, file));
	return judge(world, tx, file);
}

static enum err read_all(struct tx *tx, void *arg)
{
	const struct reading_files *const r = arg;
	struct person_search *const search = &r->out->search;

	TRY(person_search_run(r->world, tx, r->selector, search));
	for (size_t i = 0; i < search->n; i++)
		TRY(read_file(r->world, tx, &search->list[i], &r->out->list[i]));
	return OK;
}

enum err person_reports_read(const struct world *world, struct arena *a,
	const struct person_selector *selector, struct person_reports *out)
{
	struct reading_files r = { world, selector, out };

	return store_transact(world->store, TX_READ, a, read_all, &r);
}
