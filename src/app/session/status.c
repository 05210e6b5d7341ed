#include "app/session/status.h"

#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/session/decision.h"

#define UNHEARD_AFTER seconds(10)

/* `user` is the session's. */
static enum err describe(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct person_status *out)
{
	struct person_status status = {
		.result = STATUS_RESULT_FOUND,
		.word = session_status_api_name(session->status),
		.approved = session->status == STATUS_APPROVED,
		.ref = session->provider_ref,
		.session_status = session_status_provider_name(session->status),
		.ip_info = STR("[]"),
		.blocklisted = session->blocklisted,
		.is_stale = session_status_is_open(session->status) &&
			    !moment_is_before(
				    world_now(world), moment_add(session->last_update_at, UNHEARD_AFTER)),
	};
	const struct sealed_field url = { SEALED_SESSION_URL, session->id.text };
	const struct sealed_field decision = { SEALED_SESSION_DECISION, session->id.text };
	struct str kept;

	if (session_status_is_open(session->status))
		TRY(user_unseal(world, tx->arena, user, &url, session->sealed_url, &status.url));
	if (session->sealed_decision.n > 0) {
		TRY(user_unseal(world, tx->arena, user, &decision, session->sealed_decision, &kept));
		status.ip_info = decision_ip_info(kept);
	}
	*out = status;
	return OK;
}

static enum err without_session(struct tx *tx, const struct identifier_pair *identifiers,
	const struct person_lookup *lookup, struct person_status *out)
{
	struct effect letter = { .id = lookup->enrolment.last_mail_id };

	*out = (struct person_status){ .result = STATUS_RESULT_NO_SESSION };
	TRY(verified_identifiers_load(
		tx, &lookup->enrolment, identifiers->first.kind, &lookup->linked, &out->verified));
	if (letter.id.text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &letter);
	if (e == OK)
		out->last_code = effect_state_name(letter.state);
	return e == ERR_NOT_FOUND ? OK : e; /* letters are cleaned away in time */
}

static enum err of_person(const struct world *world, struct tx *tx, const struct identifier_pair *identifiers,
	const struct person_lookup *lookup, struct person_status *out)
{
	struct kyc_status kyc_status;

	TRY(kyc_status_load(tx, &lookup->linked, &kyc_status));
	if (!kyc_status.has_session)
		return without_session(tx, identifiers, lookup, out);
	return describe(world, tx, linked_users_find(&lookup->linked, &kyc_status.session.user_id),
		&kyc_status.session, out);
}

enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, struct person_status *out)
{
	struct person_lookup lookup;

	TRY(person_lookup(world, tx, &caller->tenant, identifiers, LOAD_PLAN_KYC_STATUS, &lookup));
	switch (lookup.result) {
	case LOOKUP_VERIFIED:
		return of_person(world, tx, identifiers, &lookup, out);
	case LOOKUP_UNVERIFIED:
		return without_session(tx, identifiers, &lookup, out);
	case LOOKUP_NOT_ENROLLED:
		*out = (struct person_status){ .result = STATUS_RESULT_UNKNOWN_USER };
		return OK;
	case LOOKUP_MISMATCH:
		break;
	}
	*out = (struct person_status){ .result = STATUS_RESULT_MISMATCH };
	return OK;
}

/* One person by a confirmed link, or a mismatch: what is only prepared tells nothing about whose it is. */
static enum err compare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, const struct linked_users *linked,
	struct person_status *out)
{
	struct person_lookup lookup;

	TRY(person_lookup(world, tx, &caller->tenant, identifiers, LOAD_PLAN_PERSON, &lookup));
	if (lookup.result == LOOKUP_NOT_ENROLLED)
		out->result = STATUS_RESULT_UNKNOWN_USER;
	else if (lookup.result != LOOKUP_VERIFIED || !linked_users_find(linked, &lookup.enrolment.user_id))
		out->result = STATUS_RESULT_MISMATCH;
	return OK;
}

enum err app_session_status(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str ref, const struct identifier_pair *identifiers, struct person_status *out)
{
	struct session session;
	struct linked_users linked = { NULL, 0 };
	bool proven = false;

	const enum err e = session_by_provider_ref(tx, ref, &session);
	if (e == OK) {
		TRY(linked_users_of_user(tx, &session.user_id, &linked));
		TRY(linked_users_are_verified_by(tx, &caller->tenant.id, &linked, &proven));
	} else if (e != ERR_NOT_FOUND) {
		return e;
	}
	*out = (struct person_status){ .result = proven ? STATUS_RESULT_FOUND
							: STATUS_RESULT_UNKNOWN_SESSION };
	if (proven && identifiers)
		TRY(compare(world, tx, caller, identifiers, &linked, out));
	if (out->result != STATUS_RESULT_FOUND)
		return OK;
	return describe(world, tx, linked_users_find(&linked, &session.user_id), &session, out);
}
