#include "app/mail/outbox_rows.h"

#include "base/metrics.h"
#include "port/store.h"

#define KEEP_FINISHED days(30)
#define BATCH 64

static enum err take_over(struct tx *tx, void *arg)
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
		TRY(store_transact(world->store, TX_WRITE, a, take_over, &n));
	} while (n == BATCH);
	return OK;
}

struct hastening {
	const struct world *world;
	size_t skip, n;
};

static enum err hasten(struct tx *tx, void *arg)
{
	struct hastening *const h = arg;
	const moment now = world_now(h->world);
	const struct effect probe = { .done = false };
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);

	if (!rows)
		return ERR_INPUT;
	TRY(store_find(tx, QUERY_EFFECTS_OPEN, &probe, page_of(h->skip, BATCH), rows, &h->n));
	for (size_t i = 0; i < h->n; i++)
		if (effect_make_due(&rows[i], now))
			TRY(store_save_effect(tx, &rows[i]));
	return OK;
}

enum err outbox_make_due(const struct world *world, struct arena *a)
{
	struct hastening h = { .world = world };

	do {
		arena_reset(a);
		TRY(store_transact(world->store, TX_WRITE, a, hasten, &h));
		h.skip += h.n;
	} while (h.n == BATCH);
	return OK;
}

struct cleaning {
	const struct world *world;
	struct effect *rows;
	size_t n;
};

static enum err find_finished(struct tx *tx, void *arg)
{
	struct cleaning *const cleaning = arg;
	const struct effect probe = { .done = true,
		.created_at = moment_sub(world_now(cleaning->world), KEEP_FINISHED) };

	return store_find(tx, QUERY_EFFECTS_BEFORE, &probe, page_of(0, BATCH), cleaning->rows, &cleaning->n);
}

static enum err clean(struct tx *tx, void *arg)
{
	struct cleaning *const cleaning = arg;

	TRY(find_finished(tx, cleaning));
	for (size_t i = 0; i < cleaning->n; i++)
		TRY(store_remove_effect(tx, &cleaning->rows[i]));
	return OK;
}

/* Who only looks does not need the one writer. */
enum err outbox_clean(const struct world *world, struct arena *a)
{
	struct cleaning cleaning = { world, arena_array(a, struct effect, BATCH), 0 };

	if (!cleaning.rows)
		return ERR_INTERNAL;
	TRY(store_transact(world->store, TX_READ, a, find_finished, &cleaning));
	return cleaning.n > 0 ? store_transact(world->store, TX_WRITE, a, clean, &cleaning) : OK;
}

struct oldest {
	moment created;
};

static enum err find_oldest(struct tx *tx, void *arg)
{
	struct oldest *const oldest = arg;
	const struct effect probe = { .done = false };
	struct effect row;
	size_t n;

	TRY(store_find(tx, QUERY_EFFECTS_OPEN, &probe, page_of(0, 1), &row, &n));
	oldest->created = n > 0 ? row.created_at : (moment){ 0 };
	return OK;
}

enum err outbox_measure(const struct world *world, struct arena *a)
{
	struct oldest oldest;

	TRY(store_transact(world->store, TX_READ, a, find_oldest, &oldest));
	metric_set(METRIC_OUTBOX_OLDEST, moment_is_unset(oldest.created)
						 ? 0
						 : moment_diff(oldest.created, world_now(world)).ms / 1000);
	return OK;
}
