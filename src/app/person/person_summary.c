#include "app/person/person_summary.h"

/* Loads the address and, if it is verified to the tenant, the users of the person. The enrolment is loaded
 * again because the load plan has it between the two. */
static enum err load_users(struct tx *tx, const struct enrolment *enrolment, struct person_summary *out)
{
	const bool is_verified = enrolment_is_verified(enrolment);
	struct enrolment again = *enrolment;

	TRY(store_prefetch(tx, is_verified ? LOAD_PLAN_PERSON : LOAD_PLAN_ENROLMENT, &again));
	out->address.blind_index = enrolment->blind_index;
	TRY(store_load_address(tx, &out->address));
	TRY(store_load_enrolment(tx, &again));
	return is_verified ? linked_users_of_address(tx, &out->address, &out->linked) : OK;
}

enum err person_summary_load(const struct world *world, struct tx *tx, const struct enrolment *representing,
	struct person_summary *out)
{
	const bool is_verified = enrolment_is_verified(representing);
	struct person_summary summary = { .status = is_verified ? representing->overall_status
								: OVERALL_PENDING,
		.created_at = representing->prepared_at,
		.updated_at = representing->updated_at };

	TRY(load_users(tx, representing, &summary));
	const struct next_step_source source = { is_verified, summary.address.kind, summary.linked, NULL };

	TRY(next_step_load(world, tx, &source, &summary.next_step));
	TRY(person_ids_read(world, tx, &summary.linked, representing, &summary.ids));
	TRY(verified_identifiers_load(
		tx, representing, summary.address.kind, &summary.linked, &summary.verified));
	*out = summary;
	return OK;
}
