#include "app/person/person.h"

#include "app/core/sealed_names.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "text/encode.h"

static struct seal_place user_key_place(const struct user *user)
{
	return (struct seal_place){ SEALED_USER_KEY, str_of(user->id.text) };
}

void blind_index_of(const struct world *world, const char *group_name, const struct identifier *identifier,
	struct digest *out)
{
	const struct str parts[] = { str_of(group_name), str_of(address_kind_name(identifier->kind)),
		identifier->normal };

	keyed_digest(&world->keys->index, parts, array_len(parts), out->bytes);
}

enum err address_lookup(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identifier *identifier, enum load_plan_kind prefetch, struct address_lookup *out)
{
	struct address_lookup lookup = { .identifier = *identifier,
		.enrolment = { .tenant_id = tenant->id } };
	enum err e;

	blind_index_of(world, tenant->group_name, identifier, &lookup.address.blind_index);
	lookup.enrolment.blind_index = lookup.address.blind_index;
	TRY(store_prefetch(tx, prefetch, &lookup.enrolment));
	e = store_load_address(tx, &lookup.address);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	lookup.is_known = e == OK;
	lookup.enrolment.user_id = lookup.address.user_id;
	e = store_load_enrolment(tx, &lookup.enrolment);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	lookup.is_enrolled = e == OK;
	*out = lookup;
	return OK;
}

/* All random bytes that a new user needs. They are read at once, because each read is a system call. */
struct new_user_secrets {
	unsigned char key_nonce[SEAL_NONCE_BYTES], address_nonce[SEAL_NONCE_BYTES];
	struct secret_key key;
};

static void new_user_secrets_wipe(struct new_user_secrets *secrets)
{
	secure_wipe(secrets, sizeof(*secrets));
}

static enum err wrap_key(
	const struct world *world, struct arena *a, const struct new_user_secrets *secrets, struct user *user)
{
	const struct seal_place place = user_key_place(user);
	unsigned char *const wrapped = arena_array(a, unsigned char, WRAPPED_KEY_BYTES);

	if (!wrapped)
		return ERR_INPUT;
	key_wrap(&world->keys->person, &place, secrets->key_nonce, &secrets->key, wrapped);
	user->wrapped_key = (struct str){ (const char *)wrapped, WRAPPED_KEY_BYTES };
	return OK;
}

static enum err seal_address(const struct new_user_secrets *secrets, struct arena *a,
	const struct identifier *identifier, struct address *out)
{
	char row[2 * sizeof(out->blind_index.bytes) + 1];

	hex_write(out->blind_index.bytes, sizeof(out->blind_index.bytes), row);
	const struct seal_place place = { SEALED_ADDRESS, str_of(row) };
	return seal_write(
		a, &secrets->key, &place, secrets->address_nonce, identifier->normal, &out->sealed_address);
}

enum err user_new(const struct world *world, struct arena *a, const char *group_name,
	const struct identifier *identifier, struct new_user *out)
{
	struct new_user_secrets secrets cleanup_with(new_user_secrets_wipe) = { { 0 }, { 0 }, { { 0 } } };
	struct user user = { .created_at = world_now(world) };
	struct address address = { .kind = identifier->kind, .created_at = user.created_at };

	TRY(world_random(world, &secrets, sizeof(secrets)));
	TRY(world_id(world, user.id.text));
	if (!str_copy_to(str_of(group_name), user.group_name, sizeof(user.group_name)))
		return ERR_INPUT;
	TRY(wrap_key(world, a, &secrets, &user));
	address.user_id = user.id;
	blind_index_of(world, group_name, identifier, &address.blind_index);
	user.blind_index = address.blind_index;
	TRY(seal_address(&secrets, a, identifier, &address));
	*out = (struct new_user){ user, address };
	return OK;
}

static enum err add_new_user(struct tx *tx, const struct new_user *new_user, struct user *out)
{
	TRY(store_add_user(tx, &new_user->user));
	TRY(store_add_address(tx, &new_user->address));
	*out = new_user->user;
	return OK;
}

enum err user_find_or_create(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct address_lookup *lookup, const struct new_user *new_user, struct user *out)
{
	struct user user = { .id = lookup->address.user_id };
	struct new_user created;

	if (!lookup->is_known && new_user)
		return add_new_user(tx, new_user, out);
	if (!lookup->is_known) {
		TRY(user_new(world, tx->arena, tenant->group_name, &lookup->identifier, &created));
		return add_new_user(tx, &created, out);
	}
	TRY(store_load_user(tx, &user));
	*out = user;
	return OK;
}

enum err user_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str plain, struct str *sealed)
{
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	const struct seal_place key_place = user_key_place(user);
	const struct seal_place value_place = { place->table, place->column, str_of(place->row) };

	TRY(world_random(world, nonce, sizeof(nonce)));
	TRY(key_unwrap(&world->keys->person, &key_place, user->wrapped_key, &key));
	return seal_write(a, &key, &value_place, nonce, plain, sealed);
}

enum err user_unseal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_field *place, struct str sealed, struct str *plain)
{
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	const struct seal_place key_place = user_key_place(user);
	const struct seal_place value_place = { place->table, place->column, str_of(place->row) };

	TRY(key_unwrap(&world->keys->person, &key_place, user->wrapped_key, &key));
	return seal_read(a, &key, &value_place, sealed, plain);
}
