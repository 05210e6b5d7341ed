#include "app/person/next_step.h"

#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/retry_policy.h"
#include "base/attr.h"
#include "text/json.h"

struct reasons stored_decision_reasons(struct str stored)
{
	const struct json_value *warnings cleanup_with(json_cleanup) = NULL;
	struct reasons reasons = { 0 };
	struct str ip_info, line;

	if (!str_cut(&stored, '\n', &ip_info))
		return reasons;
	(void)str_cut(&stored, '\n', &line);
	if (json_parse(line, false, &warnings) != OK)
		return reasons;
	for (size_t i = 0; i < json_count(warnings); i++) {
		const struct json_value *const warning = json_at(warnings, i);

		if (!json_bool(json_get(warning, "information")))
			reasons_add(&reasons, reason_of_warning(json_text(json_get(warning, "risk"))));
	}
	return reasons;
}

/* Adds the reason with which a reviewer declined the session. */
static enum err add_reviewers_reason(struct tx *tx, const struct session *session, struct reasons *reasons)
{
	struct review review = { .session_id = session->id };
	enum reason reason;

	if (session->status != STATUS_DECLINED)
		return OK;
	const enum err e = store_load_review(tx, &review);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e == OK && review_decline_reason(&review, &reason))
		reasons_add(reasons, reason);
	return e;
}

enum err session_reasons_load(const struct world *world, struct tx *tx, const struct user *user,
	const struct session *session, struct reasons *out)
{
	const struct sealed_field decision = { SEALED_SESSION_DECISION, session->id.text };
	struct reasons found = { 0 };
	struct str stored;

	if (user && !user_is_erased(user) && session->sealed_decision.n > 0) {
		TRY(user_unseal(world, tx->arena, user, &decision, session->sealed_decision, &stored));
		found = stored_decision_reasons(stored);
	}
	TRY(add_reviewers_reason(tx, session, &found));
	*out = session_reasons(session->status, found);
	return OK;
}

/* Returns what `create` would do after a session that is being created was stored or released, because what a
 * person does next does not depend on that moment. */
static enum err load_create_verdict(const struct world *world, struct tx *tx,
	const struct linked_users *linked, const struct kyc_status *kyc_status, enum create_verdict *out)
{
	struct kyc_status settled = *kyc_status;
	struct retry_check check;

	settled.has_pending_session = false;
	TRY(retry_policy_check(world, tx, linked, &settled, &check));
	*out = check.verdict;
	return OK;
}

enum err next_step_load(const struct world *world, struct tx *tx, const struct next_step_source *source,
	struct next_step *out)
{
	struct next_action_facts facts = { source->is_verified, source->kind, CREATE_NEW,
		STATUS_NOT_STARTED };
	const struct session *session = source->session;
	struct kyc_status kyc_status;

	*out = (struct next_step){ { 0 }, next_action_of(&facts) };
	if (!source->is_verified)
		return OK;
	TRY(kyc_status_load(tx, &source->linked, &kyc_status));
	if (kyc_status.has_session)
		facts.status = kyc_status.session.status;
	TRY(load_create_verdict(world, tx, &source->linked, &kyc_status, &facts.create));
	out->action = next_action_of(&facts);
	if (!session && kyc_status.has_session)
		session = &kyc_status.session;
	if (!session)
		return OK;
	return session_reasons_load(
		world, tx, linked_users_find(&source->linked, &session->user_id), session, &out->reasons);
}
