#include "app/person/person_ids.h"

#include <string.h>

#include "app/person/reference.h"

enum err representing_enrolment_load(
	struct tx *tx, const struct linked_users *linked, struct enrolment *enrolment)
{
	struct enrolment probe = { .tenant_id = enrolment->tenant_id }, row;
	size_t n;

	if (linked->n <= 1 || !enrolment_is_verified(enrolment))
		return OK;
	probe.user_id = linked_users_primary(linked)->id;
	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, 1), &row, &n));
	if (n > 0 && enrolment_is_verified(&row))
		*enrolment = row;
	return OK;
}

enum err person_reference_save(const struct world *world, struct tx *tx, const struct user *user,
	struct enrolment *enrolment, struct str reference)
{
	char index[sizeof(enrolment->reference_index)];

	reference_index_of(world, &enrolment->tenant_id, reference, index);
	if (strcmp(index, enrolment->reference_index) == 0)
		return OK;
	TRY(reference_seal(world, tx->arena, user, enrolment, reference));
	return store_save_enrolment(tx, enrolment);
}

enum err person_ids_read(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct enrolment *representing, struct person_ids *out)
{
	const struct user *user = linked_users_find(linked, &representing->user_id);
	struct user loaded = { .id = representing->user_id };

	*out = (struct person_ids){ representing->public_user_id, STR("") };
	if (representing->sealed_reference.n == 0)
		return OK;
	if (!user) {
		TRY(store_load_user(tx, &loaded));
		user = &loaded;
	}
	return reference_unseal(world, tx->arena, user, representing, &out->reference);
}

enum err person_ids_load(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct enrolment *enrolment, struct person_ids *out)
{
	struct enrolment representing = *enrolment;

	TRY(representing_enrolment_load(tx, linked, &representing));
	return person_ids_read(world, tx, linked, &representing, out);
}
