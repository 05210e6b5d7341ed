#include "app/session/status.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/session/decision.h"
#include "domain/expiry.h"

#define STALE_AFTER seconds(10)

/* Returns what the provider found out about the person's devices. Only the tenant that requested the session
 * may see it; for other tenants of its group, the result is an empty array. */
static enum err read_ip_analysis(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct user *user, const struct session *session, struct str *out)
{
	const struct sealed_field decision = { SEALED_SESSION_DECISION, session->id.text };
	struct str stored;

	*out = STR("[]");
	if (session->sealed_decision.n == 0 || strcmp(session->tenant_id.text, caller->tenant.id.text) != 0)
		return OK;
	TRY(user_unseal(world, tx->arena, user, &decision, session->sealed_decision, &stored));
	*out = decision_ip_info(stored);
	return OK;
}

bool session_is_stale(const struct world *world, const struct session *session)
{
	return session_status_is_open(session->status) &&
	       !expiry_is_open(
		       moment_add(session->last_update_at, STALE_AFTER), STALE_AFTER, world_now(world));
}

/* Describes a session of the person for the API. */
static enum err describe_session(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct linked_users *linked, const struct session *session, struct person_status *out)
{
	const struct user *const user = linked_users_find(linked, &session->user_id);
	struct session *const copy = arena_new(tx->arena, struct session);
	struct person_status status = {
		.result = STATUS_RESULT_FOUND,
		.source = { .is_verified = true, .linked = *linked, .session = copy },
		.status_name = session_status_api_name(session->status),
		.approved = session->status == STATUS_APPROVED,
		.ref = session->provider_ref,
		.session_status = session_status_provider_name(session->status),
		.blocklisted = session->blocklisted,
		.is_stale = session_is_stale(world, session),
	};
	const struct sealed_field url = { SEALED_SESSION_URL, session->id.text };

	if (!copy)
		return ERR_INPUT;
	*copy = *session;
	if (session_status_is_open(session->status))
		TRY(user_unseal(world, tx->arena, user, &url, session->sealed_url, &status.url));
	TRY(read_ip_analysis(world, tx, caller, user, session, &status.ip_info));
	*out = status;
	return OK;
}

static enum err status_without_session(struct tx *tx, const struct identifier_pair *identifiers,
	const struct person_lookup *lookup, struct person_status *out)
{
	struct effect effect = { .id = lookup->enrolment.last_mail_id };

	*out = (struct person_status){ .result = STATUS_RESULT_NO_SESSION,
		.source = { lookup->result == LOOKUP_VERIFIED, identifiers->first.kind, lookup->linked,
			NULL },
		.enrolment = lookup->enrolment };
	TRY(verified_identifiers_load(
		tx, &lookup->enrolment, identifiers->first.kind, &lookup->linked, &out->verified));
	if (effect.id.text[0] == '\0')
		return OK;
	const enum err e = store_load_effect(tx, &effect);
	if (e == OK)
		out->last_code = effect_state_name(effect.state);
	return e == ERR_NOT_FOUND ? OK : e; /* no failure: finished e-mails are removed after 30 days */
}

static enum err status_of_person(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, const struct person_lookup *lookup,
	struct person_status *out)
{
	struct kyc_status kyc_status;

	TRY(kyc_status_load(tx, &lookup->linked, &kyc_status));
	if (!kyc_status.has_session)
		return status_without_session(tx, identifiers, lookup, out);
	TRY(describe_session(world, tx, caller, &lookup->linked, &kyc_status.session, out));
	out->enrolment = lookup->enrolment;
	return OK;
}

enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, struct person_status *out)
{
	struct person_lookup lookup;

	TRY(person_lookup(world, tx, &caller->tenant, identifiers, LOAD_PLAN_KYC_STATUS, &lookup));
	switch (lookup.result) {
	case LOOKUP_VERIFIED:
		return status_of_person(world, tx, caller, identifiers, &lookup, out);
	case LOOKUP_UNVERIFIED:
		return status_without_session(tx, identifiers, &lookup, out);
	case LOOKUP_NOT_ENROLLED:
		*out = (struct person_status){ .result = STATUS_RESULT_UNKNOWN_USER };
		return OK;
	case LOOKUP_MISMATCH:
		break;
	}
	*out = (struct person_status){ .result = STATUS_RESULT_MISMATCH };
	return OK;
}

/* Sets the result to a mismatch unless the given addresses are verified and belong to the session's person.
 * An enrolment that is only prepared proves nothing. */
static enum err check_identifiers(const struct world *world, struct tx *tx, const struct caller *caller,
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
	struct enrolment enrolment;
	bool is_verified = false;

	const enum err e = session_by_provider_ref(tx, ref, &session);
	if (e == OK) {
		TRY(linked_users_of_user(tx, &session.user_id, &linked));
		TRY(linked_users_first_verified(tx, &caller->tenant.id, &linked, &enrolment, &is_verified));
	} else if (e != ERR_NOT_FOUND) {
		return e;
	}
	*out = (struct person_status){ .result = is_verified ? STATUS_RESULT_FOUND
							     : STATUS_RESULT_UNKNOWN_SESSION };
	if (is_verified && identifiers)
		TRY(check_identifiers(world, tx, caller, identifiers, &linked, out));
	if (out->result != STATUS_RESULT_FOUND)
		return OK;
	TRY(describe_session(world, tx, caller, &linked, &session, out));
	out->enrolment = enrolment;
	return OK;
}
