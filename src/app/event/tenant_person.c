#include "app/event/tenant_person.h"

static enum err load_enrolment(
	struct tx *tx, const struct tenant_id *tenant, const struct user *user, struct tenant_person *person)
{
	struct enrolment *const row = &person->enrolments[person->n];

	*row = (struct enrolment){
		.tenant_id = *tenant, .user_id = user->id, .blind_index = user->blind_index
	};
	const enum err e = store_load_enrolment(tx, row);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (enrolment_is_verified(row))
		person->users[person->n++] = user;
	return OK;
}

enum err tenant_person_load(struct tx *tx, const struct tenant_id *tenant, const struct linked_users *linked,
	struct tenant_person *out)
{
	out->n = 0;
	for (size_t i = 0; i < linked->n && out->n < ADDRESSES_MAX; i++)
		TRY(load_enrolment(tx, tenant, &linked->users[i], out));
	out->n_told = out->n > 0 && out->users[0] == linked_users_primary(linked) ? 1 : out->n;
	return OK;
}
