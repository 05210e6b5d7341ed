#include "app/person.h"

#include "crypto/keys.h"
#include "crypto/seal.h"
#include "text/encode.h"

static struct seal_place key_place(const struct user *user)
{
	return (struct seal_place){ "users", "wrapped_key", str_of(user->id.text) };
}

void person_blind(
	const struct world *world, const char *group_name, const struct identity *who, struct digest *out)
{
	const struct str parts[] = { str_of(group_name), str_of(address_kind_name(who->kind)), who->normal };

	keyed_digest(&world->keys->index, parts, array_len(parts), out->bytes);
}

enum err person_look_up(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct identity *who, enum load_plan_kind prefetch, struct acquaintance *out)
{
	struct acquaintance known = { .who = *who, .enrolment = { .tenant = tenant->id } };
	enum err e;

	person_blind(world, tenant->group_name, who, &known.address.blind);
	known.enrolment.blind = known.address.blind;
	TRY(store_prefetch(tx, prefetch, &known.enrolment));
	e = store_load_address(tx, &known.address);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	known.is_known = e == OK;
	known.enrolment.user = known.address.user;
	e = store_load_enrolment(tx, &known.enrolment);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	known.is_enrolled = e == OK;
	*out = known;
	return OK;
}

/* One draw of randomness for all that a new person needs: each asks the kernel. */
struct fresh {
	unsigned char key_nonce[SEAL_NONCE_BYTES], address_nonce[SEAL_NONCE_BYTES];
	struct secret_key key;
};

static void fresh_wipe(struct fresh *fresh)
{
	secure_wipe(fresh, sizeof(*fresh));
}

static enum err wrap_key(
	const struct world *world, struct arena *a, const struct fresh *fresh, struct user *user)
{
	const struct seal_place place = key_place(user);
	unsigned char *const wrapped = arena_array(a, unsigned char, WRAPPED_KEY_BYTES);

	if (!wrapped)
		return ERR_INPUT;
	key_wrap(&world->keys->person, &place, fresh->key_nonce, &fresh->key, wrapped);
	user->wrapped_key = (struct str){ (const char *)wrapped, WRAPPED_KEY_BYTES };
	return OK;
}

static enum err seal_address(
	const struct fresh *fresh, struct arena *a, const struct identity *who, struct address *out)
{
	char row[2 * sizeof(out->blind.bytes) + 1];

	hex_write(out->blind.bytes, sizeof(out->blind.bytes), row);
	const struct seal_place place = { "addresses", "sealed", str_of(row) };
	return seal_write(a, &fresh->key, &place, fresh->address_nonce, who->normal, &out->sealed);
}

enum err person_make(const struct world *world, struct arena *a, const char *group_name,
	const struct identity *who, struct newcomer *out)
{
	struct fresh fresh cleanup_with(fresh_wipe) = { { 0 }, { 0 }, { { 0 } } };
	struct user user = { .created = world_now(world) };
	struct address address = { .kind = who->kind, .created = user.created };

	TRY(world_random(world, &fresh, sizeof(fresh)));
	TRY(world_id(world, user.id.text));
	if (!str_copy_to(str_of(group_name), user.group_name, sizeof(user.group_name)))
		return ERR_INPUT;
	TRY(wrap_key(world, a, &fresh, &user));
	address.user = user.id;
	person_blind(world, group_name, who, &address.blind);
	user.address = address.blind;
	TRY(seal_address(&fresh, a, who, &address));
	*out = (struct newcomer){ user, address };
	return OK;
}

static enum err add_newcomer(struct tx *tx, const struct newcomer *newcomer, struct user *out)
{
	TRY(store_add_user(tx, &newcomer->user));
	TRY(store_add_address(tx, &newcomer->address));
	*out = newcomer->user;
	return OK;
}

enum err person_meet(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct acquaintance *known, const struct newcomer *newcomer, struct user *out)
{
	struct user user = { .id = known->address.user };
	struct newcomer made;

	if (!known->is_known && newcomer)
		return add_newcomer(tx, newcomer, out);
	if (!known->is_known) {
		TRY(person_make(world, tx->arena, tenant->group_name, &known->who, &made));
		return add_newcomer(tx, &made, out);
	}
	TRY(store_load_user(tx, &user));
	*out = user;
	return OK;
}

enum err person_seal(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str plain, struct str *sealed)
{
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	const struct seal_place wrapped_at = key_place(user);
	const struct seal_place at = { place->table, place->column, str_of(place->row) };

	TRY(world_random(world, nonce, sizeof(nonce)));
	TRY(key_unwrap(&world->keys->person, &wrapped_at, user->wrapped_key, &key));
	return seal_write(a, &key, &at, nonce, plain, sealed);
}

enum err person_read(const struct world *world, struct arena *a, const struct user *user,
	const struct sealed_place *place, struct str sealed, struct str *plain)
{
	struct secret_key key cleanup_with(secret_key_wipe) = { { 0 } };
	const struct seal_place wrapped_at = key_place(user);
	const struct seal_place at = { place->table, place->column, str_of(place->row) };

	TRY(key_unwrap(&world->keys->person, &wrapped_at, user->wrapped_key, &key));
	return seal_read(a, &key, &at, sealed, plain);
}
