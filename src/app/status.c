#include "app/status.h"

#include "app/decision.h"
#include "app/standing.h"

#define UNHEARD_AFTER seconds(10)

/* `user` is the session's. */
static enum err describe(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct person_status *out)
{
	struct person_status status = {
		.outcome = STATUS_RETRIEVED,
		.word = session_status_api_name(session->status),
		.approved = session->status == STATUS_APPROVED,
		.ref = session->provider,
		.session_status = session_status_provider_name(session->status),
		.ip_info = STR("[]"),
		.blocklisted = session->blocklisted,
		.unheard = session_status_is_open(session->status) &&
			   !moment_is_before(world_now(world), moment_add(session->heard, UNHEARD_AFTER)),
	};
	const struct sealed_place url = { "sessions", "url", session->id.text };
	const struct sealed_place decision = { "sessions", "decision", session->id.text };
	struct str kept;

	if (session_status_is_open(session->status))
		TRY(person_read(world, tx->arena, user, &url, session->url, &status.url));
	if (session->decision.n > 0) {
		TRY(person_read(world, tx->arena, user, &decision, session->decision, &kept));
		status.ip_info = decision_ip_info(kept);
	}
	*out = status;
	return OK;
}

static enum err without_session(
	struct tx *tx, const struct naming *naming, const struct acquainted *known, struct person_status *out)
{
	struct effect letter = { .id = known->enrolment.last_letter };

	*out = (struct person_status){ .outcome = STATUS_NO_SESSION };
	TRY(party_proofs(tx, &known->enrolment, naming->who.kind, &known->party, &out->proofs));
	if (letter.id.text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &letter);
	if (e == OK)
		out->last_code = effect_state_name(letter.state);
	return e == ERR_NOT_FOUND ? OK : e; /* letters are cleaned away in time */
}

static enum err of_person(const struct world *world, struct tx *tx, const struct naming *naming,
	const struct acquainted *known, struct person_status *out)
{
	struct standing standing;

	TRY(standing_load(tx, &known->party, &standing));
	if (!standing.has_session)
		return without_session(tx, naming, known, out);
	return describe(world, tx, party_find(&known->party, &standing.session.user), &standing.session, out);
}

enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct naming *naming, struct person_status *out)
{
	struct acquainted known;

	TRY(party_meet(world, tx, &caller->tenant, naming, LOAD_PLAN_KYC_STATUS, &known));
	switch (known.meeting) {
	case MEETING_PROVEN:
		return of_person(world, tx, naming, &known, out);
	case MEETING_UNPROVEN:
		return without_session(tx, naming, &known, out);
	case MEETING_STRANGER:
		*out = (struct person_status){ .outcome = STATUS_UNKNOWN_USER };
		return OK;
	case MEETING_MISMATCH:
		break;
	}
	*out = (struct person_status){ .outcome = STATUS_MISMATCH };
	return OK;
}

/* One person by a confirmed link, or a mismatch: what is only prepared tells nothing about whose it is. */
static enum err compare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct naming *naming, const struct party *party, struct person_status *out)
{
	struct acquainted known;

	TRY(party_meet(world, tx, &caller->tenant, naming, LOAD_PLAN_PERSON, &known));
	if (known.meeting == MEETING_STRANGER)
		out->outcome = STATUS_UNKNOWN_USER;
	else if (known.meeting != MEETING_PROVEN || !party_find(party, &known.enrolment.user))
		out->outcome = STATUS_MISMATCH;
	return OK;
}

enum err app_session_status(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str ref, const struct naming *naming, struct person_status *out)
{
	struct session session;
	struct party party = { NULL, 0 };
	bool proven = false;

	const enum err e = standing_session_of(tx, ref, &session);
	if (e == OK) {
		TRY(party_of_user(tx, &session.user, &party));
		TRY(party_is_proven_to(tx, &caller->tenant.id, &party, &proven));
	} else if (e != ERR_NOT_FOUND) {
		return e;
	}
	*out = (struct person_status){ .outcome = proven ? STATUS_RETRIEVED : STATUS_UNKNOWN_SESSION };
	if (proven && naming)
		TRY(compare(world, tx, caller, naming, &party, out));
	if (out->outcome != STATUS_RETRIEVED)
		return OK;
	return describe(world, tx, party_find(&party, &session.user), &session, out);
}
