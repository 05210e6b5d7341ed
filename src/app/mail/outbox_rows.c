#include "app/mail/outbox_rows.h"

#include "base/metrics.h"
#include "port/store.h"

#define KEEP_FINISHED days(30)
#define BATCH 64
/* Batches that one call of outbox_clean() removes: several webhook deliveries may be made for each change. */
#define CLEAN_BATCHES_MAX 16

static enum err void_leases(struct tx *tx, void *arg)
{
	size_t *const n = arg;
	const struct effect probe = { .done = false, .lease_expires_at = { 0 } };
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);

	if (!rows)
		return ERR_INPUT;
	TRY(store_find(tx, QUERY_EFFECTS_LEASED, &probe, page_of(0, BATCH), rows, n));
	for (size_t i = 0; i < *n; i++) {
		rows[i].lease_expires_at = (moment){ 0 };
		TRY(store_save_effect(tx, &rows[i]));
	}
	return OK;
}

enum err outbox_take_over(const struct world *world, struct arena *a)
{
	size_t n;

	do {
		arena_reset(a);
		TRY(store_transact(world->store, TX_WRITE, a, void_leases, &n));
	} while (n == BATCH);
	return OK;
}

struct due_job {
	const struct world *world;
	size_t skip, n;
};

static enum err make_rows_due(struct tx *tx, void *arg)
{
	struct due_job *const job = arg;
	const moment now = world_expiry_now(job->world);
	const struct effect probe = { .done = false };
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);

	if (!rows)
		return ERR_INPUT;
	TRY(store_find(tx, QUERY_EFFECTS_OPEN, &probe, page_of(job->skip, BATCH), rows, &job->n));
	for (size_t i = 0; i < job->n; i++)
		if (effect_make_due(&rows[i], now))
			TRY(store_save_effect(tx, &rows[i]));
	return OK;
}

enum err outbox_make_due(const struct world *world, struct arena *a)
{
	struct due_job job = { .world = world };

	do {
		arena_reset(a);
		TRY(store_transact(world->store, TX_WRITE, a, make_rows_due, &job));
		job.skip += job.n;
	} while (job.n == BATCH);
	return OK;
}

struct outbox_cleanup {
	const struct world *world;
	struct effect *rows;
	size_t n;
};

static enum err find_finished(struct tx *tx, void *arg)
{
	struct outbox_cleanup *const cleanup = arg;
	const struct effect probe = { .done = true,
		.created_at = moment_sub(world_now(cleanup->world), KEEP_FINISHED) };

	return store_find(tx, QUERY_EFFECTS_BEFORE, &probe, page_of(0, BATCH), cleanup->rows, &cleanup->n);
}

static enum err remove_finished(struct tx *tx, void *arg)
{
	struct outbox_cleanup *const cleanup = arg;

	TRY(find_finished(tx, cleanup));
	for (size_t i = 0; i < cleanup->n; i++)
		TRY(store_remove_effect(tx, &cleanup->rows[i]));
	return OK;
}

/* Searches for rows in a read transaction first. If there is nothing to remove, SQLite's only writer is not
 * occupied. */
enum err outbox_clean(const struct world *world, struct arena *a)
{
	struct outbox_cleanup cleanup = { world, arena_array(a, struct effect, BATCH), BATCH };
	const struct arena_mark before = arena_mark(a);

	if (!cleanup.rows)
		return ERR_INTERNAL;
	for (int i = 0; i < CLEAN_BATCHES_MAX && cleanup.n == BATCH; i++) {
		TRY(store_transact(world->store, TX_READ, a, find_finished, &cleanup));
		arena_rewind(a, before);
		if (cleanup.n > 0)
			TRY(store_transact(world->store, TX_WRITE, a, remove_finished, &cleanup));
		arena_rewind(a, before);
	}
	return OK;
}

struct oldest_effect {
	moment created_at;
};

static enum err find_oldest_unsent(struct tx *tx, void *arg)
{
	struct oldest_effect *const oldest = arg;
	const struct effect probe = { .done = false };
	struct effect row;
	size_t n;

	TRY(store_find(tx, QUERY_EFFECTS_OPEN, &probe, page_of(0, 1), &row, &n));
	oldest->created_at = n > 0 ? row.created_at : (moment){ 0 };
	return OK;
}

enum err outbox_measure(const struct world *world, struct arena *a)
{
	struct oldest_effect oldest;

	TRY(store_transact(world->store, TX_READ, a, find_oldest_unsent, &oldest));
	const int64_t age_ms = moment_is_unset(oldest.created_at)
				       ? 0
				       : moment_diff(oldest.created_at, world_now(world)).ms;
	metric_set(
		METRIC_OUTBOX_OLDEST, age_ms > 0 ? age_ms / 1000 : 0); /* below 0: the clock was set back */
	return OK;
}
