#include "app/core/keyring.h"

#include <string.h>

#include "app/core/row_macs.h"
#include "app/core/sealed_names.h"
#include "base/attr.h"
#include "crypto/seal.h"
#include "text/encode.h"

/* How the keys are sealed. Keys that are sealed as VERSION_WITH_MACS say that rows have MACs. So nobody can
 * delete the key of the MACs, or set the schema back, to have forged rows taken for rows from before MACs. */
enum version { VERSION_WITHOUT_MACS, VERSION_WITH_MACS, VERSIONS };

static const struct {
	const char *name;
	const char *sealed_as[VERSIONS];
	size_t offset;
} key_fields[] = {
	{ "person", { "person", "person/2" }, offsetof(struct keys, person) },
	{ "index", { "index", "index/2" }, offsetof(struct keys, index) },
	{ "code", { "code", "code/2" }, offsetof(struct keys, code) },
	{ "access", { "access", "access/2" }, offsetof(struct keys, access) },
	{ "row", { "row", "row/2" }, offsetof(struct keys, row) },
};
#define ROW_KEY (array_len(key_fields) - 1)

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
	enum version version; /* of the keys that were found or created */
	bool may_create;
	char master_id[MASTER_ID_SIZE], *other;
};

static struct secret_key *key_field(const struct keyring_job *job, size_t i)
{
	return (struct secret_key *)(void *)((char *)job->keys + key_fields[i].offset);
}

static struct seal_place keyring_seal_place(size_t i, enum version version)
{
	return (struct seal_place){ SEALED_KEYRING, str_of(key_fields[i].sealed_as[version]) };
}

/* Fills the row of a key. `wrapped` becomes its value. */
static enum err wrap_key(const struct keyring_job *job, size_t i, struct keyring *row,
	unsigned char wrapped[WRAPPED_KEY_BYTES])
{
	const struct seal_place place = keyring_seal_place(i, job->version);
	unsigned char nonce[SEAL_NONCE_BYTES];

	TRY(world_random(job->world, nonce, sizeof(nonce)));
	key_wrap(job->master, &place, nonce, key_field(job, i), wrapped);
	*row = (struct keyring){ .created_at = world_now(job->world),
		.wrapped_key = { (const char *)wrapped, WRAPPED_KEY_BYTES } };
	return str_copy_to(str_of(key_fields[i].name), row->name, sizeof(row->name)) &&
			       str_copy_to(
				       str_of(job->master_id), row->master_key_id, sizeof(row->master_key_id))
		       ? OK
		       : ERR_INTERNAL;
}

static enum err create_key(const struct keyring_job *job, struct tx *tx, size_t i)
{
	unsigned char wrapped[WRAPPED_KEY_BYTES];
	struct keyring row;

	TRY(world_random(job->world, key_field(job, i)->bytes, sizeof(key_field(job, i)->bytes)));
	TRY(wrap_key(job, i, &row, wrapped));
	return store_add_keyring(tx, &row);
}

static enum err load_key(struct tx *tx, size_t i, struct keyring *row)
{
	*row = (struct keyring){ 0 };
	if (!str_copy_to(str_of(key_fields[i].name), row->name, sizeof(row->name)))
		return ERR_INTERNAL;
	return store_load_keyring(tx, row);
}

static enum err unwrap_key(const struct keyring_job *job, struct tx *tx, size_t i)
{
	const struct seal_place place = keyring_seal_place(i, job->version);
	struct keyring row;

	TRY(load_key(tx, i, &row));
	if (strcmp(row.master_key_id, job->master_id) != 0) {
		memcpy(job->other, row.master_key_id, MASTER_ID_SIZE);
		return ERR_CONFLICT;
	}
	return key_unwrap(job->master, &place, row.wrapped_key, key_field(job, i));
}

/* Unwraps the first key, and sets the version with which it is sealed. */
static enum err unwrap_first_key(struct keyring_job *job, struct tx *tx)
{
	enum err e;

	job->version = VERSION_WITH_MACS;
	e = unwrap_key(job, tx, 0);
	if (e != ERR_INPUT)
		return e;
	job->version = VERSION_WITHOUT_MACS;
	return unwrap_key(job, tx, 0);
}

/* Unwraps the key of the MACs. A database that is older than MACs has none yet. */
static enum err unwrap_row_key(const struct keyring_job *job, struct tx *tx)
{
	const enum err e = unwrap_key(job, tx, ROW_KEY);

	if (e != ERR_NOT_FOUND || job->version == VERSION_WITH_MACS)
		return e;
	return job->may_create ? create_key(job, tx, ROW_KEY) : OK;
}

static enum err unwrap_keys(const struct keyring_job *job, struct tx *tx)
{
	for (size_t i = 0; i < ROW_KEY; i++)
		TRY(unwrap_key(job, tx, i));
	return unwrap_row_key(job, tx);
}

static enum err create_keys(const struct keyring_job *job, struct tx *tx)
{
	for (size_t i = 0; i < array_len(key_fields); i++)
		TRY(create_key(job, tx, i));
	return OK;
}

static enum err open_or_create_keys(struct tx *tx, void *arg)
{
	struct keyring_job *const job = arg;
	const enum err first = unwrap_first_key(job, tx);

	if (first == ERR_NOT_FOUND && job->may_create)
		return create_keys(job, tx);
	TRY(first);
	const enum err e = unwrap_keys(job, tx);
	return e == ERR_NOT_FOUND ? ERR_INPUT : e; /* a key is missing */
}

/* Seals the keys again, as those of a database whose rows have MACs. Does nothing if another instance already
 * has. */
static enum err seal_with_macs(struct tx *tx, void *arg)
{
	struct keyring_job *const job = arg;
	unsigned char wrapped[WRAPPED_KEY_BYTES];
	struct keyring row;

	job->version = VERSION_WITH_MACS;
	if (unwrap_key(job, tx, 0) == OK)
		return OK;
	for (size_t i = 0; i < array_len(key_fields); i++) {
		const struct keyring *const saved = &row;

		TRY(wrap_key(job, i, &row, wrapped));
		TRY(store_save_keyring(tx, saved));
	}
	return OK;
}

static enum err run_job(struct keyring_job *job, struct arena *a)
{
	enum err e;

	keyring_master_id(job->master, job->master_id);
	job->other[0] = '\0';
	e = store_transact(
		job->world->store, job->may_create ? TX_WRITE : TX_READ, a, open_or_create_keys, job);
	/* Another instance created the keys at the same moment, so they can be unwrapped now. */
	if (e == ERR_CONFLICT && job->other[0] == '\0')
		e = store_transact(job->world->store, TX_WRITE, a, open_or_create_keys, job);
	return e;
}

enum err keyring_open(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE])
{
	struct keyring_job job = {
		.world = world, .master = master, .keys = keys, .other = other, .may_create = true
	};

	TRY(run_job(&job, a));
	store_set_row_key(world->store, keys->row.bytes);
	if (job.version == VERSION_WITH_MACS)
		return OK;
	TRY(row_macs_write(world->store));
	return store_transact(world->store, TX_WRITE, a, seal_with_macs, &job);
}

enum err keyring_read(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE])
{
	struct keyring_job job = { .world = world, .master = master, .keys = keys, .other = other };

	TRY(run_job(&job, a));
	if (job.version == VERSION_WITH_MACS)
		store_set_row_key(world->store, keys->row.bytes);
	return OK;
}
