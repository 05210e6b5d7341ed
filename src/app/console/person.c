#include "app/console/person.h"

#include <string.h>

#include "app/console/visible_tenants.h"
#include "app/core/audit.h"
#include "app/verification/mask.h"
#include "base/attr.h"

struct load_job {
	const struct world *world;
	const struct console_caller *caller;
	const struct console_person_name *name;
	bool with_addresses;
	struct console_person *out;
	struct console_person_found found;
};

enum err console_person_find(const struct world *world, struct tx *tx, const struct console_caller *caller,
	enum console_action action, const struct console_person_name *name, struct console_person_found *out)
{
	struct visible_tenant tenant;

	TRY(visible_tenant_find(world, tx, caller, action, name->tenant, &tenant));
	*out = (struct console_person_found){ .verdict = tenant.verdict };
	if (tenant.verdict != CONSOLE_PERMITTED)
		return OK;
	out->tenant = tenant.row;
	TRY(visible_tenant_has_whole_group(tx, caller, &tenant.row, &out->has_whole_group));
	return person_by_public_id(tx, &tenant.row.id, &name->id, &out->enrolment, &out->linked);
}

const char *console_person_subject(const struct console_person_found *found)
{
	return found->linked.n > 0 ? linked_users_primary(&found->linked)->id.text
				   : found->enrolment.user_id.text;
}

static enum err find_person(struct tx *tx, void *arg)
{
	struct load_job *const job = arg;
	const enum console_action action = job->with_addresses ? CONSOLE_SHOW_ADDRESS : CONSOLE_VIEW;

	return console_person_find(job->world, tx, job->caller, action, job->name, &job->found);
}

static enum err load_status(struct tx *tx, const struct load_job *job)
{
	const struct world *const world = job->world;
	struct console_person *const out = job->out;

	out->is_verified = job->found.linked.n > 0;
	if (!out->is_verified)
		return person_code_load(world, tx, &job->found.enrolment, &out->code);
	TRY(kyc_status_load(tx, &job->found.linked, &out->kyc_status));
	TRY(retry_policy_check(world, tx, &job->found.linked, &out->kyc_status, &out->check));
	out->tries_left = world->rules->tries.tries - out->check.facts.tries;
	return OK;
}

static enum err load_findings(struct tx *tx, const struct load_job *job)
{
	struct console_person *const out = job->out;

	out->findings = arena_array(tx->arena, struct session_findings, out->details.n + 1);
	out->reviews = arena_array(tx->arena, struct review_summary, out->details.n + 1);
	if (!out->findings || !out->reviews)
		return ERR_INTERNAL;
	for (size_t i = 0; i < out->details.n; i++) {
		const struct session *const session = &out->details.sessions[i].session;

		TRY(session_findings_load(job->world, tx,
			linked_users_find(&job->found.linked, &session->user_id), session,
			&out->findings[i]));
		TRY(console_review_summary_load(job->world, tx, session, &out->reviews[i]));
	}
	return OK;
}

/* Inserts a message into the list, which is sorted newest first. If the list is full, drops the oldest. */
static void insert_message(struct console_person *out, const struct effect *row)
{
	struct console_message *const list = out->messages;
	size_t at = out->n_messages;

	while (at > 0 && moment_is_before(list[at - 1].created_at, row->created_at))
		at--;
	if (at == CONSOLE_MESSAGES_MAX)
		return;
	out->n_messages += out->n_messages < CONSOLE_MESSAGES_MAX;
	memmove(&list[at + 1], &list[at], (out->n_messages - 1 - at) * sizeof(*list));
	list[at] = (struct console_message){ row->kind, row->state, row->tries, row->created_at,
		row->finished_at };
}

/* What other tenants sent to the person is not shown. */
static enum err load_messages_of(struct tx *tx, const struct load_job *job, const struct user_id *user)
{
	static const enum effect_kind kinds[] = { EFFECT_MAIL_CODE, EFFECT_MAIL_LINK_CODE,
		EFFECT_MAIL_VERIFICATION_LINK };
	struct effect *const rows = arena_array(tx->arena, struct effect, CONSOLE_MESSAGES_MAX);
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	for (size_t k = 0; k < array_len(kinds); k++) {
		const struct effect probe = { .user_id = *user, .kind = kinds[k] };

		TRY(store_find(
			tx, QUERY_EFFECTS_OF_USER_SINCE, &probe, page_of(0, CONSOLE_MESSAGES_MAX), rows, &n));
		for (size_t i = 0; i < n; i++)
			if (strcmp(rows[i].tenant_id.text, job->found.tenant.id.text) == 0)
				insert_message(job->out, &rows[i]);
	}
	return OK;
}

static void insert_link(const struct load_job *job, const struct verification_link *row)
{
	struct console_link *const list = job->out->links;
	size_t at = job->out->n_links;

	while (at > 0 && moment_is_before(list[at - 1].created_at, row->created_at))
		at--;
	if (at == CONSOLE_LINKS_MAX)
		return;
	job->out->n_links += job->out->n_links < CONSOLE_LINKS_MAX;
	memmove(&list[at + 1], &list[at], (job->out->n_links - 1 - at) * sizeof(*list));
	list[at] = (struct console_link){ row->id,
		verification_link_state_at(row, world_expiry_now(job->world)), row->created_at,
		row->expires_at, row->completed_at };
}

/* Reads only the first pages of a person with very many links. */
#define LINKS_PER_QUERY 32
#define LINKS_READ_MAX 512

static enum err load_links_of(struct tx *tx, const struct load_job *job, const struct user_id *user)
{
	struct verification_link *const rows = arena_array(
		tx->arena, struct verification_link, LINKS_PER_QUERY);
	const struct verification_link probe = { .user_id = *user };
	size_t seen = 0, n = LINKS_PER_QUERY;

	if (!rows)
		return ERR_INTERNAL;
	while (n == LINKS_PER_QUERY && seen < LINKS_READ_MAX) {
		TRY(store_find(tx, QUERY_VERIFICATION_LINKS_OF_USER, &probe, page_of(seen, LINKS_PER_QUERY),
			rows, &n));
		for (size_t i = 0; i < n; i++)
			if (strcmp(rows[i].tenant_id.text, job->found.tenant.id.text) == 0)
				insert_link(job, &rows[i]);
		seen += n;
	}
	return OK;
}

static enum err load_contacts(struct tx *tx, const struct load_job *job)
{
	const struct linked_users *const linked = &job->found.linked;
	struct console_person *const out = job->out;

	out->n_messages = out->n_links = 0;
	out->messages = arena_array(tx->arena, struct console_message, CONSOLE_MESSAGES_MAX);
	out->links = arena_array(tx->arena, struct console_link, CONSOLE_LINKS_MAX);
	if (!out->messages || !out->links)
		return ERR_INTERNAL;
	if (linked->n == 0)
		return load_messages_of(tx, job, &job->found.enrolment.user_id);
	for (size_t i = 0; i < linked->n; i++) {
		TRY(load_messages_of(tx, job, &linked->users[i].id));
		TRY(load_links_of(tx, job, &linked->users[i].id));
	}
	return OK;
}

static enum err load_more(struct tx *tx, void *arg)
{
	const struct load_job *const job = arg;

	TRY(load_status(tx, job));
	TRY(load_findings(tx, job));
	TRY(console_notes_load(job->world, tx, &job->found.enrolment, &job->found.linked,
		&job->out->operator_notes, &job->out->n_operator_notes));
	return load_contacts(tx, job);
}

/* Keeps the newest rows of the pages, which are read oldest first, and turns their order round. */
static enum err load_timeline(const struct load_job *job, struct arena *a)
{
	struct console_person *const out = job->out;
	struct timeline_params params = {
		.tenant = &job->found.tenant, .person = job->name->id, .limit = TIMELINE_LIMIT_MAX
	};
	struct timeline_page page = { .has_more = true };

	out->timeline = arena_array(a, struct timeline_row, CONSOLE_TIMELINE_MAX);
	if (!out->timeline)
		return ERR_INTERNAL;
	while (page.has_more) {
		TRY(person_timeline_read(job->world, a, &params, &page));
		for (size_t i = 0; i < page.n; i++) {
			out->has_older |= out->n_timeline == CONSOLE_TIMELINE_MAX;
			out->n_timeline += out->n_timeline < CONSOLE_TIMELINE_MAX;
			memmove(&out->timeline[1], &out->timeline[0],
				(out->n_timeline - 1) * sizeof(*out->timeline));
			out->timeline[0] = page.rows[i];
		}
		params.after = page.next_after;
	}
	return OK;
}

static enum err mask(struct arena *a, struct identifier identifier, struct str *address)
{
	return address->n > 0 ? identifier_mask(a, &identifier, address) : OK;
}

static enum err load_details(const struct load_job *job, struct arena *a)
{
	const struct person_request request = {
		.tenant = &job->found.tenant, .id = job->name->id, .with_addresses = true
	};
	struct person_details *const details = &job->out->details;

	TRY(person_details_load(job->world, a, &request, details));
	if (job->with_addresses)
		return OK;
	TRY(mask(a, identifier_email(details->email), &details->email));
	return mask(a, identifier_wallet(details->wallet), &details->wallet);
}

static enum err write_audit(struct tx *tx, void *arg)
{
	const struct load_job *const job = arg;
	const struct audit_params params = { job->with_addresses ? AUDIT_ADDRESS_SHOWN : AUDIT_PERSON_VIEWED,
		console_person_subject(&job->found), job->found.tenant.id.text, "" };

	return audit_append(job->world, tx, &job->caller->actor, &params);
}

enum err console_person_load(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_person_name *name, bool with_addresses, struct console_person *out)
{
	struct load_job job = { world, caller, name, with_addresses, out, { .verdict = CONSOLE_PERMITTED } };

	*out = (struct console_person){ .n_messages = 0 };
	TRY(store_transact(world->store, TX_READ, a, find_person, &job));
	out->verdict = job.found.verdict;
	if (out->verdict != CONSOLE_PERMITTED)
		return OK;
	out->tenant = job.found.tenant;
	out->has_whole_group = job.found.has_whole_group;
	TRY(load_details(&job, a));
	TRY(store_transact(world->store, TX_READ, a, load_more, &job));
	TRY(load_timeline(&job, a));
	/* Nothing is shown whose audit entry cannot be written. */
	return store_transact(world->store, TX_WRITE, a, write_audit, &job);
}
