#include "app/core/keyring.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "crypto/seal.h"
#include "text/encode.h"

static const struct {
	const char *name;
	size_t offset;
} names[] = {
	{ "person", offsetof(struct keys, person) },
	{ "index", offsetof(struct keys, index) },
	{ "code", offsetof(struct keys, code) },
	{ "access", offsetof(struct keys, access) },
};

void keyring_master_id(const struct secret_key *master, char out[MASTER_ID_SIZE])
{
	unsigned char digest[DIGEST_BYTES];
	const struct str label = STR("kycd master key id");

	keyed_digest(master, &label, 1, digest);
	hex_write(digest, (MASTER_ID_SIZE - 1) / 2, out);
}

struct ring {
	const struct world *world;
	const struct secret_key *master;
	struct keys *keys;
	char master_id[MASTER_ID_SIZE], *other;
};

static struct secret_key *key_at(const struct ring *ring, size_t i)
{
	return (struct secret_key *)(void *)((char *)ring->keys + names[i].offset);
}

static struct seal_place place_of(size_t i)
{
	return (struct seal_place){ SEALED_KEYRING, str_of(names[i].name) };
}

static enum err make_one(const struct ring *ring, struct tx *tx, size_t i)
{
	const struct seal_place place = place_of(i);
	struct keyring row = { .created_at = world_now(ring->world) };
	unsigned char nonce[SEAL_NONCE_BYTES], wrapped[WRAPPED_KEY_BYTES];

	TRY(world_random(ring->world, nonce, sizeof(nonce)));
	TRY(world_random(ring->world, key_at(ring, i)->bytes, sizeof(key_at(ring, i)->bytes)));
	key_wrap(ring->master, &place, nonce, key_at(ring, i), wrapped);
	row.wrapped_key = (struct str){ (const char *)wrapped, sizeof(wrapped) };
	if (!str_copy_to(str_of(names[i].name), row.name, sizeof(row.name)) ||
		!str_copy_to(str_of(ring->master_id), row.master_key_id, sizeof(row.master_key_id)))
		return ERR_INTERNAL;
	return store_add_keyring(tx, &row);
}

static enum err open_one(const struct ring *ring, struct tx *tx, size_t i)
{
	const struct seal_place place = place_of(i);
	struct keyring row = { 0 };

	if (!str_copy_to(str_of(names[i].name), row.name, sizeof(row.name)))
		return ERR_INTERNAL;
	TRY(store_load_keyring(tx, &row));
	if (strcmp(row.master_key_id, ring->master_id) != 0) {
		memcpy(ring->other, row.master_key_id, MASTER_ID_SIZE);
		return ERR_CONFLICT;
	}
	return key_unwrap(ring->master, &place, row.wrapped_key, key_at(ring, i));
}

static enum err open_ring(struct tx *tx, void *arg)
{
	const struct ring *const ring = arg;

	const enum err first = open_one(ring, tx, 0);
	if (first != OK && first != ERR_NOT_FOUND)
		return first;
	for (size_t i = 0; i < array_len(names); i++)
		TRY(first == OK ? open_one(ring, tx, i) : make_one(ring, tx, i));
	return OK;
}

enum err keyring_open(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE])
{
	struct ring ring = { .world = world, .master = master, .keys = keys, .other = other };

	keyring_master_id(master, ring.master_id);
	other[0] = '\0';
	const enum err e = store_transact(world->store, TX_WRITE, a, open_ring, &ring);
	/* Another instance's first start was faster. */
	if (e == ERR_CONFLICT && ring.other[0] == '\0')
		return store_transact(world->store, TX_WRITE, a, open_ring, &ring);
	return e;
}
