#include "app/core/idempotency.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "text/encode.h"

/* Entries that are removed in one transaction. All of them with their answers fit into an arena. */
#define BATCH 4
#define BATCHES 64
/* Added to twice the provider's timeout, the longest time that an endpoint waits: reading the request's
 * person, the transactions, and a pause of the process. */
#define LEASE_MARGIN seconds(30)

struct begin_job {
	const struct world *world;
	struct idempotency_entry fresh; /* the entry that is added if the call is the first */
	struct idempotency_result out;
};

static struct idempotency_entry fresh_entry(const struct world *world, const struct idempotency_call *call)
{
	const struct str key[] = { STR("idempotency"), str_of(call->caller->actor.id), call->route,
		call->params[0], call->params[1], call->key };
	const struct str body[] = { STR("idempotency body"), call->body };
	struct idempotency_entry entry = { .instance_id = world->instance };

	keyed_digest(&world->keys->access, key, array_len(key), entry.entry_key.bytes);
	keyed_digest(&world->keys->access, body, array_len(body), entry.body_digest.bytes);
	return entry;
}

/* The place that a reply is sealed for. `row` has room for the key in hexadecimal. */
#define ROW_SIZE (2 * DIGEST_BYTES + 1)
static struct seal_place reply_place(const struct idempotency_entry *entry, char row[ROW_SIZE])
{
	hex_write(entry->entry_key.bytes, sizeof(entry->entry_key.bytes), row);
	return (struct seal_place){ SEALED_IDEMPOTENCY_REPLY, str_of(row) };
}

static enum err open_reply(const struct world *world, struct arena *a, const struct idempotency_entry *entry,
	struct idempotency_result *out)
{
	char row[ROW_SIZE];
	const struct seal_place place = reply_place(entry, row);

	out->status = (int)entry->status;
	return seal_read(a, &world->keys->person, &place, entry->sealed_reply, &out->body);
}

static enum err add_entry(struct tx *tx, struct begin_job *job, moment store_now)
{
	const struct world *const world = job->world;
	struct idempotency_entry entry = job->fresh;

	entry.expires_at = moment_add(world_expiry_now(world), IDEMPOTENCY_RETENTION);
	entry.lease_expires_at = moment_add(
		moment_add(store_now, duration_mul(world->rules->provider_timeout, 2)), LEASE_MARGIN);
	job->out.entry = entry;
	return store_save_idempotency_entry(tx, &entry);
}

static enum err begin_in_tx(struct tx *tx, void *arg)
{
	struct begin_job *const job = arg;
	const struct world *const world = job->world;
	struct idempotency_entry stored = job->fresh;
	struct idempotency_facts facts = { .body = &job->fresh.body_digest,
		.expiry_now = world_expiry_now(world),
		.is_only_instance = !world->store->shared,
		.instance = &world->instance };

	job->out = (struct idempotency_result){ .verdict = IDEMPOTENCY_FIRST };
	const enum err e = store_load_idempotency_entry(tx, &stored);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	TRY(store_clock(tx, &facts.store_now));
	if (e == OK)
		job->out.verdict = idempotency_check(&stored, &facts);
	if (job->out.verdict == IDEMPOTENCY_REPLAY)
		return open_reply(world, tx->arena, &stored, &job->out);
	return job->out.verdict == IDEMPOTENCY_FIRST ? add_entry(tx, job, facts.store_now) : OK;
}

enum err idempotency_begin(const struct world *world, struct arena *a, const struct idempotency_call *call,
	struct idempotency_result *out)
{
	struct begin_job job = { .world = world, .fresh = fresh_entry(world, call) };

	TRY(store_transact(world->store, TX_WRITE, a, begin_in_tx, &job));
	*out = job.out;
	return OK;
}

struct finish_job {
	const struct idempotency_entry *entry;
	struct idempotency_entry done; /* status 0: the entry is removed */
};

/* Returns whether the stored entry is still the one that idempotency_begin() added. */
static bool is_same_run(const struct idempotency_entry *a, const struct idempotency_entry *b)
{
	return a->status == 0 && a->lease_expires_at.ms == b->lease_expires_at.ms &&
	       strcmp(a->instance_id.text, b->instance_id.text) == 0;
}

static enum err finish_in_tx(struct tx *tx, void *arg)
{
	const struct finish_job *const job = arg;
	struct idempotency_entry stored = *job->entry;
	const enum err e = store_load_idempotency_entry(tx, &stored);

	if (e == ERR_NOT_FOUND || (e == OK && !is_same_run(&stored, job->entry)))
		return OK;
	TRY(e);
	return job->done.status == 0 ? store_remove_idempotency_entry(tx, &stored)
				     : store_save_idempotency_entry(tx, &job->done);
}

enum err idempotency_finish(const struct world *world, struct arena *a, const struct idempotency_entry *entry,
	int status, struct str body)
{
	struct finish_job job = { entry, *entry };
	char row[ROW_SIZE];
	const struct seal_place place = reply_place(entry, row);

	if (idempotency_keeps(status) && body.n <= IDEMPOTENCY_REPLY_MAX) {
		unsigned char nonce[SEAL_NONCE_BYTES];

		TRY(world_random(world, nonce, sizeof(nonce)));
		TRY(seal_write(a, &world->keys->person, &place, nonce, body, &job.done.sealed_reply));
		job.done.status = status;
	}
	return store_transact(world->store, TX_WRITE, a, finish_in_tx, &job);
}

struct idempotency_cleanup {
	const struct world *world;
	struct idempotency_entry rows[BATCH];
	size_t n;
};

static enum err find_expired_entries(struct tx *tx, void *arg)
{
	struct idempotency_cleanup *const cleanup = arg;
	const struct idempotency_entry probe = { .expires_at = world_expiry_now(cleanup->world) };

	return store_find(
		tx, QUERY_IDEMPOTENCY_EXPIRED, &probe, page_of(0, BATCH), cleanup->rows, &cleanup->n);
}

static enum err remove_expired_entries(struct tx *tx, void *arg)
{
	struct idempotency_cleanup *const cleanup = arg;

	TRY(find_expired_entries(tx, cleanup));
	for (size_t i = 0; i < cleanup->n; i++)
		TRY(store_remove_idempotency_entry(tx, &cleanup->rows[i]));
	return OK;
}

enum err idempotency_clean(const struct world *world, struct arena *a)
{
	struct idempotency_cleanup cleanup = { .world = world, .n = BATCH };
	const struct arena_mark before = arena_mark(a);

	for (int i = 0; i < BATCHES && cleanup.n == BATCH; i++) {
		TRY(store_transact(world->store, TX_READ, a, find_expired_entries, &cleanup));
		arena_rewind(a, before);
		if (cleanup.n > 0)
			TRY(store_transact(world->store, TX_WRITE, a, remove_expired_entries, &cleanup));
		arena_rewind(a, before);
	}
	return OK;
}
