#include "app/status.h"

#include "app/decision.h"
#include "app/standing.h"

/* Addresses of one person that are looked at for a proof. */
#define ADDRESSES_MAX 16
#define UNHEARD_AFTER seconds(10)

static enum err describe(
	const struct world *world, struct tx *tx, const struct session *session, struct person_status *out)
{
	struct user user = { .id = session->user };
	struct person_status status = {
		.outcome = STATUS_RETRIEVED,
		.word = status_word(session->status),
		.approved = session->status == STATUS_APPROVED,
		.ref = session->provider,
		.session_status = status_text(session->status),
		.ip_info = STR("[]"),
		.blocklisted = session->blocklisted,
		.unheard = status_is_open(session->status) &&
			   !earlier(world_now(world), after(session->heard, UNHEARD_AFTER)),
	};
	const struct sealed_place url = { "sessions", "url", session->id.text };
	const struct sealed_place decision = { "sessions", "decision", session->id.text };
	struct str kept;

	TRY(store_load_user(tx, &user));
	if (status_is_open(session->status))
		TRY(person_read(world, tx->arena, &user, &url, session->url, &status.url));
	if (session->decision.n > 0) {
		TRY(person_read(world, tx->arena, &user, &decision, session->decision, &kept));
		status.ip_info = decision_ip_info(kept);
	}
	*out = status;
	return OK;
}

static enum err without_session(struct tx *tx, const struct identity *who, const struct enrolment *enrolment,
	struct person_status *out)
{
	struct effect letter = { .id = enrolment->last_letter };

	*out = (struct person_status){ .outcome = STATUS_NO_SESSION,
		.proofs = person_proofs(who, enrolment) };
	if (letter.id.text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &letter);
	if (e == OK)
		out->last_code = effect_state_word(letter.state);
	return e == ERR_MISSING ? OK : e; /* letters are cleaned away in time */
}

enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identity *who, struct person_status *out)
{
	struct enrolment enrolment;
	struct standing standing = { 0 };

	const enum err e = person_enrolment(world, tx, &caller->tenant, who, &enrolment);
	if (e == ERR_MISSING) {
		*out = (struct person_status){ .outcome = STATUS_UNKNOWN_USER };
		return OK;
	}
	TRY(e);
	if (enrolment_is_proven(&enrolment))
		TRY(standing_load(tx, &enrolment.user, &standing));
	if (!standing.has_session)
		return without_session(tx, who, &enrolment, out);
	return describe(world, tx, &standing.session, out);
}

static enum err is_proven_to(
	struct tx *tx, const struct caller *caller, const struct user_id *user, bool *out)
{
	const struct enrolment probe = { .tenant = caller->tenant.id, .user = *user };
	struct enrolment rows[ADDRESSES_MAX];
	bool proven = false;
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page(0, ADDRESSES_MAX), rows, &n));
	for (size_t i = 0; i < n; i++)
		proven |= enrolment_is_proven(&rows[i]);
	*out = proven;
	return OK;
}

/* One person by a confirmed link, or a mismatch: what is only prepared tells nothing about whose it is. */
static enum err compare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct session *session, const struct identity *who, struct person_status *out)
{
	struct enrolment enrolment;

	const enum err e = person_enrolment(world, tx, &caller->tenant, who, &enrolment);
	if (e != OK && e != ERR_MISSING)
		return e;
	if (e == ERR_MISSING)
		*out = (struct person_status){ .outcome = STATUS_UNKNOWN_USER };
	else if (!enrolment_is_proven(&enrolment) ||
		 !str_eq(str_of(enrolment.user.text), str_of(session->user.text)))
		*out = (struct person_status){ .outcome = STATUS_MISMATCH };
	else
		return describe(world, tx, session, out);
	return OK;
}

enum err app_session_status(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str ref, const struct identity *who, struct person_status *out)
{
	struct session session;
	bool proven = false;

	const enum err e = standing_session_of(tx, ref, &session);
	if (e == OK)
		TRY(is_proven_to(tx, caller, &session.user, &proven));
	else if (e != ERR_MISSING)
		return e;
	if (!proven) {
		*out = (struct person_status){ .outcome = STATUS_UNKNOWN_SESSION };
		return OK;
	}
	return who ? compare(world, tx, caller, &session, who, out) : describe(world, tx, &session, out);
}
