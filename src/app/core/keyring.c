#include "app/core/keyring.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "crypto/seal.h"
#include "text/encode.h"

static const struct {
	const char *name;
	size_t offset;
} key_fields[] = {
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

struct keyring_job {
	const struct world *world;
	const struct secret_key *master;
	struct keys *keys;
	char master_id[MASTER_ID_SIZE], *other;
};

static struct secret_key *key_field(const struct keyring_job *job, size_t i)
{
	return (struct secret_key *)(void *)((char *)job->keys + key_fields[i].offset);
}

static struct seal_place keyring_seal_place(size_t i)
{
	return (struct seal_place){ SEALED_KEYRING, str_of(key_fields[i].name) };
}

static enum err create_key(const struct keyring_job *job, struct tx *tx, size_t i)
{
	const struct seal_place place = keyring_seal_place(i);
	struct keyring row = { .created_at = world_now(job->world) };
	unsigned char nonce[SEAL_NONCE_BYTES], wrapped[WRAPPED_KEY_BYTES];

	TRY(world_random(job->world, nonce, sizeof(nonce)));
	TRY(world_random(job->world, key_field(job, i)->bytes, sizeof(key_field(job, i)->bytes)));
	key_wrap(job->master, &place, nonce, key_field(job, i), wrapped);
	row.wrapped_key = (struct str){ (const char *)wrapped, sizeof(wrapped) };
	if (!str_copy_to(str_of(key_fields[i].name), row.name, sizeof(row.name)) ||
		!str_copy_to(str_of(job->master_id), row.master_key_id, sizeof(row.master_key_id)))
		return ERR_INTERNAL;
	return store_add_keyring(tx, &row);
}

static enum err unwrap_key(const struct keyring_job *job, struct tx *tx, size_t i)
{
	const struct seal_place place = keyring_seal_place(i);
	struct keyring row = { 0 };

	if (!str_copy_to(str_of(key_fields[i].name), row.name, sizeof(row.name)))
		return ERR_INTERNAL;
	TRY(store_load_keyring(tx, &row));
	if (strcmp(row.master_key_id, job->master_id) != 0) {
		memcpy(job->other, row.master_key_id, MASTER_ID_SIZE);
		return ERR_CONFLICT;
	}
	return key_unwrap(job->master, &place, row.wrapped_key, key_field(job, i));
}

static enum err open_or_create_keys(struct tx *tx, void *arg)
{
	const struct keyring_job *const job = arg;

	const enum err first = unwrap_key(job, tx, 0);
	if (first != OK && first != ERR_NOT_FOUND)
		return first;
	for (size_t i = 0; i < array_len(key_fields); i++)
		TRY(first == OK ? unwrap_key(job, tx, i) : create_key(job, tx, i));
	return OK;
}

enum err keyring_open(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE])
{
	struct keyring_job job = { .world = world, .master = master, .keys = keys, .other = other };

	keyring_master_id(master, job.master_id);
	other[0] = '\0';
	const enum err e = store_transact(world->store, TX_WRITE, a, open_or_create_keys, &job);
	/* Another instance created the keys at the same moment, so they can be unwrapped now. */
	if (e == ERR_CONFLICT && job.other[0] == '\0')
		return store_transact(world->store, TX_WRITE, a, open_or_create_keys, &job);
	return e;
}
