#include "app/person.h"

#include "crypto/keys.h"
#include "crypto/seal.h"
#include "text/encode.h"

static struct seal_place key_place(const struct user *user)
{
	return (struct seal_place){ "users", "wrapped_key", str_of(user->id.text) };
}

void person_blind(const struct world *world, const char *group_name, enum address_kind kind,
	struct str normal, struct digest *out)
{
	const struct str parts[] = { str_of(group_name), kind == ADDRESS_EMAIL ? STR("email") : STR("wallet"),
		normal };

	keyed_digest(&world->keys->index, parts, array_len(parts), out->bytes);
}

enum err person_enrolment(const struct world *world, struct tx *tx, const struct tenant *tenant,
	struct str email, struct enrolment *out)
{
	struct enrolment enrolment = { .tenant = tenant->id };

	person_blind(world, tenant->group_name, ADDRESS_EMAIL, email, &enrolment.blind);
	TRY(store_load_enrolment(tx, &enrolment));
	*out = enrolment;
	return OK;
}

static enum err make_key(const struct world *world, struct arena *a, struct user *user)
{
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct secret_key key cleanup(secret_key_wipe) = { { 0 } };
	const struct seal_place place = key_place(user);
	unsigned char *const wrapped = arena_array(a, unsigned char, WRAPPED_KEY_BYTES);

	if (!wrapped)
		return ERR_INPUT;
	TRY(world_random(world, nonce, sizeof(nonce)));
	TRY(world_random(world, key.bytes, sizeof(key.bytes)));
	key_wrap(&world->keys->person, &place, nonce, &key, wrapped);
	user->wrapped_key = (struct str){ (const char *)wrapped, WRAPPED_KEY_BYTES };
	return OK;
}

static enum err make_person(const struct world *world, struct tx *tx, const char *group_name,
	struct address *address, struct str email, struct user *out)
{
	struct user user = { .created = world_now(world) };

	TRY(world_id(world, user.id.text));
	if (!str_copy_to(str_of(group_name), user.group_name, sizeof(user.group_name)))
		return ERR_INPUT;
	TRY(make_key(world, tx->arena, &user));
	TRY(store_add_user(tx, &user));

	address->kind = ADDRESS_EMAIL;
	address->user = user.id;
	address->created = user.created;
	char row[2 * sizeof(address->blind.bytes) + 1];
	hex_write(address->blind.bytes, sizeof(address->blind.bytes), row);
	const struct sealed_place place = { "addresses", "sealed", row };
	TRY(person_seal(world, tx->arena, &user, &place, email, &address->sealed));
	TRY(store_add_address(tx, address));
	*out = user;
	return OK;
}

enum err person_meet(const struct world *world, struct tx *tx, const struct tenant *tenant, struct str email,
	struct user *out)
{
	struct address address = { 0 };
	struct user user = { 0 };

	person_blind(world, tenant->group_name, ADDRESS_EMAIL, email, &address.blind);
	const enum err e = store_load_address(tx, &address);
	if (e == ERR_MISSING)
		return make_person(world, tx, tenant->group_name, &address, email, out);
	TRY(e);
	user.id = address.user;
	TRY(store_load_user(tx, &user));
	*out = user;
	return OK;
}

enum err person_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str plain, struct str *sealed)
{
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct secret_key key cleanup(secret_key_wipe) = { { 0 } };
	const struct seal_place wrapped_at = key_place(user);
	const struct seal_place at = { place->table, place->column, str_of(place->row) };

	TRY(world_random(world, nonce, sizeof(nonce)));
	TRY(key_unwrap(&world->keys->person, &wrapped_at, user->wrapped_key, &key));
	return seal_write(a, &key, &at, nonce, plain, sealed);
}

enum err person_read(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str sealed, struct str *plain)
{
	struct secret_key key cleanup(secret_key_wipe) = { { 0 } };
	const struct seal_place wrapped_at = key_place(user);
	const struct seal_place at = { place->table, place->column, str_of(place->row) };

	TRY(key_unwrap(&world->keys->person, &wrapped_at, user->wrapped_key, &key));
	return seal_read(a, &key, &at, sealed, plain);
}
