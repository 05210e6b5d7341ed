#include "app/verification/proof.h"

#include "app/core/sealed_names.h"
#include "app/person/link_completion.h"

enum err link_proof_reference(
	const struct world *world, struct arena *a, const struct verification_link *row, struct str *out)
{
	const struct link_field field = { SEALED_VERIFICATION_REFERENCE };

	return link_field_unseal(world, a, row, field, row->sealed_reference, out);
}

enum err link_proof_record(
	const struct world *world, struct tx *tx, struct visited_link *link, const struct user_id *user)
{
	struct verification_link *const row = &link->row;

	row->user_id = *user;
	row->verified_at = world_now(world);
	link_row_forget_address(row);
	TRY(link_row_save(world, tx, row));
	return link_completion_save(world, tx, user);
}
