#include "app/person/person_addresses.h"

#include "app/core/sealed_names.h"
#include "text/encode.h"

enum err user_address_unseal(const struct world *world, struct tx *tx, const struct user *user,
	struct str *email, struct str *wallet)
{
	struct address address = { .blind_index = user->blind_index };
	char row[2 * sizeof(address.blind_index.bytes) + 1];
	const struct sealed_field place = { SEALED_ADDRESS, row };
	const enum err e = store_load_address(tx, &address);

	if (e == ERR_NOT_FOUND) /* the person was erased in the meantime */
		return OK;
	TRY(e);
	struct str *const out = address.kind == ADDRESS_WALLET ? wallet : email;

	if (out->n > 0)
		return OK;
	hex_write(address.blind_index.bytes, sizeof(address.blind_index.bytes), row);
	return user_unseal(world, tx->arena, user, &place, address.sealed_address, out);
}

static enum err is_verified_by(
	struct tx *tx, const struct tenant_id *tenant, const struct user *user, bool *out)
{
	struct linked_users alone = { NULL, 1 };
	struct enrolment enrolment;
	struct user copy = *user;

	alone.users = &copy;
	return linked_users_first_verified(tx, tenant, &alone, &enrolment, out);
}

enum err person_addresses_load(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	const struct linked_users *linked, struct str *email, struct str *wallet)
{
	struct user own = { .id = enrolment->user_id };
	bool is_verified;

	*email = *wallet = STR("");
	if (!enrolment_is_verified(enrolment)) {
		TRY(store_load_user(tx, &own));
		return user_address_unseal(world, tx, &own, email, wallet);
	}
	for (size_t i = 0; i < linked->n; i++) {
		TRY(is_verified_by(tx, &enrolment->tenant_id, &linked->users[i], &is_verified));
		if (is_verified)
			TRY(user_address_unseal(world, tx, &linked->users[i], email, wallet));
	}
	return OK;
}
