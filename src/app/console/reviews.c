#include "app/console/reviews.h"

#include <string.h>

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/operator/account.h"
#include "app/person/next_step.h"
#include "app/person/person_ids.h"
#include "app/person/reference.h"

#define BATCH 50

enum err console_review_load(struct tx *tx, const struct session *session, struct review *out)
{
	*out = review_new(&session->id, &session->tenant_id);
	const enum err e = store_load_review(tx, out);

	return e == ERR_NOT_FOUND ? OK : e;
}

enum err console_review_comment(const struct world *world, struct arena *a, const struct user *user,
	const struct review *review, struct str *out)
{
	const struct sealed_field place = { SEALED_REVIEW_COMMENT, review->session_id.text };

	*out = STR("");
	if (review->sealed_comment.n == 0 || user_is_erased(user))
		return OK;
	return user_unseal(world, a, user, &place, review->sealed_comment, out);
}

/* The reference is only opened if the tenant has one, so the user is loaded only then. */
static enum err read_reference(
	const struct world *world, struct tx *tx, const struct enrolment *enrolment, struct str *out)
{
	struct user user = { .id = enrolment->user_id };

	*out = STR("");
	if (enrolment->sealed_reference.n == 0)
		return OK;
	TRY(store_load_user(tx, &user));
	return user_is_erased(&user) ? OK : reference_unseal(world, tx->arena, &user, enrolment, out);
}

enum err console_review_person(
	const struct world *world, struct tx *tx, const struct session *session, struct review_person *out)
{
	const struct enrolment probe = { .tenant_id = session->tenant_id, .user_id = session->user_id };
	struct linked_users linked;
	struct enrolment enrolment;
	size_t n;

	*out = (struct review_person){ .reference = STR("") };
	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), &enrolment, &n));
	if (n == 0)
		return OK;
	TRY(linked_users_of_user(tx, &session->user_id, &linked));
	TRY(representing_enrolment_load(tx, &linked, &enrolment));
	out->id = enrolment.public_user_id;
	return read_reference(world, tx, &enrolment, &out->reference);
}

struct list_job {
	const struct world *world;
	const struct console_caller *caller;
	struct review_key after;
	struct review_list *out;
	struct tenant tenant; /* the one of the last row; most rows have the same */
};

static enum err load_tenant(struct tx *tx, struct list_job *job, const struct tenant_id *id)
{
	if (strcmp(job->tenant.id.text, id->text) == 0)
		return OK;
	job->tenant = (struct tenant){ .id = *id };
	return store_load_tenant(tx, &job->tenant);
}

static enum err read_reasons(
	const struct world *world, struct tx *tx, const struct session *session, struct reasons *out)
{
	struct user user = { .id = session->user_id };

	TRY(store_load_user(tx, &user));
	return session_reasons_load(world, tx, &user, session, out);
}

static enum err add_row(struct tx *tx, struct list_job *job, const struct session *session)
{
	struct review_row *const row = &job->out->rows[job->out->n];
	const moment now = world_expiry_now(job->world);
	struct review review;

	if (!operator_account_has_tenant(&job->caller->account, &session->tenant_id))
		return OK;
	TRY(load_tenant(tx, job, &session->tenant_id));
	TRY(console_review_load(tx, session, &review));
	*row = (struct review_row){ .session_id = session->id,
		.provider_ref = session->provider_ref,
		.created_at = session->created_at,
		.is_proposed = review.state == REVIEW_PROPOSED,
		.is_claimed = review_is_claimed(&review, now),
		.is_own = review_is_claimed_by(&review, &job->caller->account.id, now),
		.claimed_until = review.claimed_until };
	memcpy(row->tenant, job->tenant.name, sizeof(row->tenant));
	TRY(console_review_person(job->world, tx, session, &row->person));
	TRY(read_reasons(job->world, tx, session, &row->reasons));
	if (row->is_claimed)
		TRY(operator_email_of(job->world, tx, &review.claimed_by, &row->claimed_by));
	job->out->n++;
	return OK;
}

/* Returns whether a session was seen before: it was created in the same millisecond as the last one that was
 * seen, with an id up to its. */
static bool is_seen(const struct review_key *last, const struct session *session)
{
	return session->created_at.ms == last->created_at.ms &&
	       strcmp(session->id.text, last->session_id.text) <= 0;
}

/* Reads a batch of the queue after the place `last`, which moves on. */
static enum err read_batch(
	struct tx *tx, struct list_job *job, struct session *rows, struct review_key *last, size_t *looked_at)
{
	const struct session probe = { .status = STATUS_IN_REVIEW, .created_at = last->created_at };
	size_t same = 0, n = BATCH;

	*looked_at = 0;
	/* Sessions of the same millisecond are skipped, also when there are more than a batch of them. */
	while (n == BATCH && *looked_at == 0) {
		TRY(store_find(tx, QUERY_SESSIONS_BY_STATUS_SINCE, &probe, page_of(same, BATCH), rows, &n));
		same += n;
		for (size_t i = 0; i < n && job->out->n < REVIEW_LIST_MAX; i++) {
			if (is_seen(last, &rows[i]))
				continue;
			TRY(add_row(tx, job, &rows[i]));
			*last = (struct review_key){ rows[i].created_at, rows[i].id };
			++*looked_at;
		}
	}
	return OK;
}

static enum err list(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct review_list *const out = job->out;
	struct session *const rows = arena_array(tx->arena, struct session, BATCH);
	size_t n = 1, looked_at = 0;

	if (!rows)
		return ERR_INTERNAL;
	*out = (struct review_list){ .n = 0, .next_after = job->after };
	job->tenant = (struct tenant){ .name = "" };
	while (n > 0 && out->n < REVIEW_LIST_MAX && looked_at < REVIEWS_LOOKED_AT_MAX) {
		TRY(read_batch(tx, job, rows, &out->next_after, &n));
		looked_at += n;
	}
	out->has_more = n > 0;
	return OK;
}

enum err console_review_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct review_key *after, struct review_list *out, enum console_verdict *verdict)
{
	struct list_job job = { .world = world, .caller = caller, .after = *after, .out = out };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_READ, a, list, &job) : OK;
}

struct view_job {
	const struct world *world;
	const struct console_caller *caller;
	struct review_view *out;
};

static enum err read_evidence(
	const struct view_job *job, struct tx *tx, const struct user *user, struct review_view *out)
{
	TRY(console_review_comment(job->world, tx->arena, user, &out->review, &out->comment));
	TRY(session_findings_load(job->world, tx, user, &out->session, &out->findings));
	out->reasons = session_findings_reasons(&out->findings);
	return OK;
}

static enum err read_operators(const struct view_job *job, struct tx *tx, struct review_view *out)
{
	const struct review *const review = &out->review;
	const struct operator_id *const caller = &job->caller->account.id;
	const moment now = world_expiry_now(job->world);

	out->is_claimed = review_is_claimed(review, now);
	out->is_own = review_is_claimed_by(review, caller, now);
	out->is_own_decision = review->state == REVIEW_PROPOSED &&
			       strcmp(review->decided_by.text, caller->text) == 0;
	if (out->is_claimed)
		TRY(operator_email_of(job->world, tx, &review->claimed_by, &out->claimed_by));
	TRY(operator_email_of(job->world, tx, &review->decided_by, &out->decided_by));
	return operator_email_of(job->world, tx, &review->confirmed_by, &out->confirmed_by);
}

static enum err read_view(struct tx *tx, void *arg)
{
	struct view_job *const job = arg;
	struct review_view *const out = job->out;
	struct session session = { .id = out->session.id };
	struct user user;

	TRY(store_load_session(tx, &session));
	*out = (struct review_view){ .session = session,
		.tenant = { .id = session.tenant_id },
		.is_in_review = session.status == STATUS_IN_REVIEW };
	TRY(console_review_load(tx, &session, &out->review));
	if (!out->is_in_review && out->review.state != REVIEW_DECIDED)
		return ERR_NOT_FOUND;
	TRY(store_load_tenant(tx, &out->tenant));
	user = (struct user){ .id = session.user_id };
	TRY(store_load_user(tx, &user));
	TRY(read_evidence(job, tx, &user, out));
	TRY(console_review_person(job->world, tx, &out->session, &out->person));
	TRY(read_operators(job, tx, out));
	const struct audit_params params = { AUDIT_PERSON_VIEWED, session.user_id.text,
		session.tenant_id.text, "review" };
	return audit_append(job->world, tx, &job->caller->actor, &params);
}

enum err console_review_summary_load(
	const struct world *world, struct tx *tx, const struct session *session, struct review_summary *out)
{
	struct review review;

	*out = (struct review_summary){ .exists = session->status == STATUS_IN_REVIEW };
	TRY(console_review_load(tx, session, &review));
	if (review.state != REVIEW_DECIDED || out->exists)
		return OK;
	out->exists = true;
	out->decided_at = review.decided_at;
	return operator_email_of(world, tx, &review.decided_by, &out->decided_by);
}

static enum err load_session(struct tx *tx, void *arg)
{
	return store_load_session(tx, arg);
}

enum err console_review_session(
	const struct world *world, struct arena *a, struct str session_id, struct session *out)
{
	struct session session = { .status = STATUS_CREATING };

	if (!id_is_valid(session_id) || !str_copy_to(session_id, session.id.text, sizeof(session.id.text)))
		return ERR_NOT_FOUND;
	TRY(store_transact(world->store, TX_READ, a, load_session, &session));
	*out = session;
	return OK;
}

enum err console_review_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str session_id, struct review_view *out, enum console_verdict *verdict)
{
	struct view_job job = { world, caller, out };

	TRY(console_review_session(world, a, session_id, &out->session));
	*verdict = console_permit(world, caller, CONSOLE_VIEW, &out->session.tenant_id);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_WRITE, a, read_view, &job)
					     : OK;
}
