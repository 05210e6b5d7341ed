#include "app/verification/link_status.h"

#include "app/person/kyc_status.h"
#include "app/person/link_completion.h"
#include "app/person/person_ids.h"

/* Loads the enrolment that represents the person for the tenant of the link. */
static enum err load_enrolment(struct tx *tx, const struct verification_link *row,
	const struct linked_users *linked, struct enrolment *out)
{
	const struct user *const user = linked_users_find(linked, &row->user_id);

	if (!user)
		return ERR_NOT_FOUND;
	*out = (struct enrolment){
		.tenant_id = row->tenant_id, .user_id = user->id, .blind_index = user->blind_index
	};
	TRY(store_load_enrolment(tx, out));
	return representing_enrolment_load(tx, linked, out);
}

enum err link_status_load(const struct world *world, struct tx *tx, const struct verification_link *row,
	struct verification_link_status *out)
{
	struct linked_users linked;
	struct kyc_status kyc_status;
	struct enrolment enrolment;
	bool is_complete;

	*out = (struct verification_link_status){ .id = row->id,
		.state = verification_link_state_at(row, world_expiry_now(world)),
		.created_at = row->created_at,
		.expires_at = row->expires_at };
	if (!verification_link_is_verified(row))
		return OK;
	TRY(linked_users_of_user(tx, &row->user_id, &linked));
	const enum err e = load_enrolment(tx, row, &linked, &enrolment);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	TRY(kyc_status_load(tx, &linked, &kyc_status));
	TRY(link_completion_load(world, tx, &linked, &kyc_status, &is_complete));
	/* A person can also become approved without a decision, by a link of addresses. */
	if (is_complete && out->state == VERIFICATION_LINK_OPEN)
		out->state = VERIFICATION_LINK_COMPLETED;
	out->user_id = enrolment.public_user_id;
	out->kyc_status = kyc_status_name(&kyc_status);
	return OK;
}
