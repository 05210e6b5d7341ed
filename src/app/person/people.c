#include "app/person/people.h"

#include <string.h>

#include "app/person/person_addresses.h"
#include "app/person/reference.h"

struct list_job {
	const struct world *world;
	const struct people_params *params;
	struct people_page *out;
};

static enum query_kind query_of(const struct people_params *params)
{
	if (params->reference.n > 0)
		return QUERY_PEOPLE_BY_REFERENCE;
	return params->has_status ? QUERY_PEOPLE_BY_STATUS : QUERY_PEOPLE_OF_TENANT;
}

static void init_probe(const struct list_job *job, struct enrolment *probe)
{
	const struct people_params *const params = job->params;

	*probe = (struct enrolment){ .tenant_id = params->tenant->id,
		.overall_status = params->status,
		.public_user_id = params->after };
	/* Every id that is made before the year 10889 sorts before this text. */
	if (params->after.text[0] == '\0')
		memset(probe->public_user_id.text, 'z', ID_LENGTH);
	if (params->reference.n > 0)
		reference_index_of(job->world, &probe->tenant_id, params->reference, probe->reference_index);
}

/* QUERY_PEOPLE_BY_REFERENCE does not compare the status. */
static bool is_wanted(const struct people_params *params, const struct enrolment *row)
{
	return !row->merged && (!params->has_status || row->overall_status == params->status);
}

static enum err add_person(
	const struct list_job *job, struct tx *tx, const struct enrolment *row, struct people_page *page)
{
	const enum err e = person_summary_load(job->world, tx, row, &page->people[page->n]);

	page->n += e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Adds the wanted rows to the page. A row that does not fit ends the page; the next page begins with it. */
static enum err add_people(const struct list_job *job, struct tx *tx, const struct enrolment *rows, size_t n,
	struct people_page *page)
{
	for (size_t i = 0; i < n; i++) {
		const bool wanted = is_wanted(job->params, &rows[i]);

		page->has_more = wanted && page->n == job->params->limit;
		if (page->has_more)
			return OK;
		page->next_after = rows[i].public_user_id;
		if (wanted)
			TRY(add_person(job, tx, &rows[i], page));
	}
	return OK;
}

static enum err list_people(struct tx *tx, void *arg)
{
	const struct list_job *const job = arg;
	const size_t chunk = job->params->limit + 1;
	struct people_page page = { .people = arena_array(
					    tx->arena, struct person_summary, job->params->limit),
		.next_after = job->params->after };
	struct enrolment *const rows = arena_array(tx->arena, struct enrolment, chunk);
	struct enrolment probe;
	size_t looked_at = 0, n = chunk;

	if (!page.people || !rows)
		return ERR_INTERNAL;
	init_probe(job, &probe);
	while (n == chunk && !page.has_more) {
		TRY(store_find(tx, query_of(job->params), &probe, page_of(0, chunk), rows, &n));
		TRY(add_people(job, tx, rows, n, &page));
		probe.public_user_id = page.next_after;
		looked_at += n;
		if (looked_at >= PEOPLE_LOOKED_AT_MAX && n == chunk)
			page.has_more = true;
	}
	*job->out = page;
	return OK;
}

enum err people_list(const struct world *world, struct arena *a, const struct people_params *params,
	struct people_page *out)
{
	struct list_job job = { world, params, out };

	return store_transact(world->store, TX_READ, a, list_people, &job);
}

enum err person_by_public_id(struct tx *tx, const struct tenant_id *tenant, const struct public_user_id *id,
	struct enrolment *representing, struct linked_users *linked)
{
	const struct enrolment probe = { .tenant_id = *tenant, .public_user_id = *id };
	struct enrolment row;
	size_t n;

	*linked = (struct linked_users){ NULL, 0 };
	TRY(store_find(tx, QUERY_ENROLMENT_BY_PUBLIC_USER, &probe, page_of(0, 1), &row, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	if (enrolment_is_verified(&row)) {
		TRY(linked_users_of_user(tx, &row.user_id, linked));
		TRY(representing_enrolment_load(tx, linked, &row));
	}
	*representing = row;
	return OK;
}

struct details_job {
	const struct world *world;
	const struct person_request *request;
	struct person_details *out;
};

/* Inserts a session into the list, which is sorted newest first. If the list is full, drops the oldest. */
static void insert_session(struct person_details *out, const struct session *row)
{
	struct person_session *const list = out->sessions;
	size_t at = out->n;

	while (at > 0 && moment_is_before(list[at - 1].session.created_at, row->created_at))
		at--;
	if (at == PERSON_SESSIONS_MAX)
		return;
	out->n += out->n < PERSON_SESSIONS_MAX;
	memmove(&list[at + 1], &list[at], (out->n - 1 - at) * sizeof(*list));
	list[at].session = *row;
}

/* A pending session has no id of the provider yet and is not shown. */
static enum err add_sessions_of(struct tx *tx, const struct user_id *user, struct person_details *out)
{
	struct session *const rows = arena_array(tx->arena, struct session, PERSON_SESSIONS_MAX);
	const struct session probe = { .user_id = *user };
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, PERSON_SESSIONS_MAX), rows, &n));
	for (size_t i = 0; i < n; i++)
		if (!session_status_is_internal(rows[i].status))
			insert_session(out, &rows[i]);
	return OK;
}

static enum err load_sessions(const struct world *world, struct tx *tx, struct person_details *out)
{
	const struct linked_users *const linked = &out->summary.linked;

	out->sessions = arena_array(tx->arena, struct person_session, PERSON_SESSIONS_MAX);
	if (!out->sessions)
		return ERR_INTERNAL;
	for (size_t i = 0; i < linked->n; i++)
		TRY(add_sessions_of(tx, &linked->users[i].id, out));
	for (size_t i = 0; i < out->n; i++) {
		struct person_session *const s = &out->sessions[i];

		TRY(session_reasons_load(
			world, tx, linked_users_find(linked, &s->session.user_id), &s->session, &s->reasons));
	}
	return OK;
}

static enum err load_details(struct tx *tx, void *arg)
{
	const struct details_job *const job = arg;
	const struct person_request *const request = job->request;
	struct person_details details = { .n = 0 };
	struct enrolment enrolment;
	struct linked_users linked;

	TRY(person_by_public_id(tx, &request->tenant->id, &request->id, &enrolment, &linked));
	TRY(person_summary_load(job->world, tx, &enrolment, &details.summary));
	TRY(load_sessions(job->world, tx, &details));
	if (request->with_addresses)
		TRY(person_addresses_load(
			job->world, tx, &enrolment, &linked, &details.email, &details.wallet));
	*job->out = details;
	return OK;
}

enum err person_details_load(const struct world *world, struct arena *a, const struct person_request *request,
	struct person_details *out)
{
	struct details_job job = { world, request, out };

	return store_transact(world->store, TX_READ, a, load_details, &job);
}
