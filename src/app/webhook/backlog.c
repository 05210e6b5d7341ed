#include "app/webhook/backlog.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "domain/webhook_delivery.h"
#include "domain/webhook_endpoint.h"

/* Rows of one transaction. All of them with their excerpts of 4 KiB fit into an arena. */
#define BATCH 32

static const enum effect_state open_states[] = { EFFECT_QUEUED, EFFECT_DEFERRED };

/* Returns whether there are more than `n` deliveries in the state. */
static enum err has_more_than(
	struct tx *tx, const struct endpoint_id *endpoint, enum effect_state state, size_t n, bool *out)
{
	const struct effect probe = { .endpoint_id = *endpoint, .state = state };
	const struct arena_mark before = arena_mark(tx->arena);
	struct effect row;
	size_t found;

	TRY(store_find(tx, QUERY_DELIVERIES_BY_STATE, &probe, page_of(n, 1), &row, &found));
	arena_rewind(tx->arena, before);
	*out = found > 0;
	return OK;
}

/* The store has no query that counts. The number of rows is the smallest n for which there are no more than n
 * rows; it is found by doubling and then by halving, so that only one row is loaded at a time. */
static enum err count_state(
	struct tx *tx, const struct endpoint_id *endpoint, enum effect_state state, size_t *out)
{
	size_t low = 0, high = 0, step = 1;
	bool more;

	TRY(has_more_than(tx, endpoint, state, 0, &more));
	while (more && high < BACKLOG_COUNT_MAX) {
		low = high + 1;
		high = high + step < BACKLOG_COUNT_MAX ? high + step : BACKLOG_COUNT_MAX;
		step *= 2;
		TRY(has_more_than(tx, endpoint, state, high, &more));
	}
	if (more)
		low = high;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		TRY(has_more_than(tx, endpoint, state, middle, &more));
		if (more)
			low = middle + 1;
		else
			high = middle;
	}
	*out = low;
	return OK;
}

enum err backlog_count(struct tx *tx, const struct endpoint_id *endpoint, int64_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < array_len(open_states); i++) {
		size_t of_state;

		TRY(count_state(tx, endpoint, open_states[i], &of_state));
		n += of_state;
	}
	*out = n < BACKLOG_COUNT_MAX ? (int64_t)n : BACKLOG_COUNT_MAX;
	return OK;
}

struct batch {
	const struct world *world;
	const struct endpoint_id *endpoint;
	bool finished;
};

/* Finds the next deliveries to be changed. */
static enum err find_batch(
	struct tx *tx, const struct webhook_endpoint *endpoint, struct effect *rows, size_t *n)
{
	struct effect probe = { .endpoint_id = endpoint->id, .event_position = INT64_MAX };

	if (endpoint->state == WEBHOOK_DELETED)
		return store_find(tx, QUERY_NEWEST_DELIVERIES, &probe, page_of(0, BATCH), rows, n);
	probe.event_position = 0;
	*n = 0;
	for (size_t i = 0; i < array_len(open_states) && *n == 0; i++) {
		probe.state = open_states[i];
		TRY(store_find(tx, QUERY_DELIVERIES_BY_STATE, &probe, page_of(0, BATCH), rows, n));
	}
	return OK;
}

static enum err change_row(
	const struct batch *batch, struct tx *tx, const struct webhook_endpoint *endpoint, struct effect *row)
{
	if (endpoint->state == WEBHOOK_DELETED)
		return store_remove_effect(tx, row);
	delivery_give_up(row, world_now(batch->world));
	return store_save_effect(tx, row);
}

static enum err change_batch(struct tx *tx, void *arg)
{
	struct batch *const batch = arg;
	struct webhook_endpoint endpoint = { .id = *batch->endpoint };
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);
	size_t n;

	batch->finished = true;
	if (!rows)
		return ERR_INTERNAL;
	/* Locks the endpoint, as everything does that adds deliveries or leases them. */
	const enum err e = store_load_webhook_endpoint(tx, &endpoint);
	if (e == ERR_NOT_FOUND || (e == OK && webhook_endpoint_is_enabled(&endpoint)))
		return OK;
	TRY(e);
	TRY(find_batch(tx, &endpoint, rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(change_row(batch, tx, &endpoint, &rows[i]));
	batch->finished = n == 0;
	return n == 0 && endpoint.state == WEBHOOK_DELETED ? store_remove_webhook_endpoint(tx, &endpoint)
							   : OK;
}

enum err backlog_clear(const struct world *world, struct arena *a, const struct endpoint_id *endpoint)
{
	struct batch batch = { .world = world, .endpoint = endpoint };
	const struct arena_mark before = arena_mark(a);

	for (size_t n = 0; n <= BACKLOG_CLEAR_MAX && !batch.finished; n += BATCH) {
		TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, change_batch, &batch));
		arena_rewind(a, before);
	}
	return OK;
}

/* Endpoints that are looked at in one transaction. */
#define ENDPOINTS 64

struct disabled_endpoints {
	size_t skip, n_seen, n;
	struct endpoint_id ids[ENDPOINTS];
};

/* Returns whether the endpoint has deliveries to be changed, or is to be removed. */
static enum err needs_clearing(struct tx *tx, const struct webhook_endpoint *endpoint, bool *out)
{
	*out = endpoint->state == WEBHOOK_DELETED;
	for (size_t i = 0; !webhook_endpoint_is_enabled(endpoint) && !*out && i < array_len(open_states); i++)
		TRY(has_more_than(tx, &endpoint->id, open_states[i], 0, out));
	return OK;
}

static enum err find_disabled(struct tx *tx, void *arg)
{
	struct disabled_endpoints *const disabled = arg;
	const struct webhook_endpoint probe = { .state = 0 };
	struct webhook_endpoint *const rows = arena_array(tx->arena, struct webhook_endpoint, ENDPOINTS);
	bool clear;

	if (!rows)
		return ERR_INTERNAL;
	disabled->n = 0;
	TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS, &probe, page_of(disabled->skip, ENDPOINTS), rows,
		&disabled->n_seen));
	for (size_t i = 0; i < disabled->n_seen; i++) {
		TRY(needs_clearing(tx, &rows[i], &clear));
		if (clear)
			disabled->ids[disabled->n++] = rows[i].id;
	}
	return OK;
}

/* Looks for work in read transactions, so that SQLite's only writer is not occupied if there is none. */
enum err backlog_clean(const struct world *world, struct arena *a)
{
	struct disabled_endpoints disabled = { .n_seen = ENDPOINTS };
	const struct arena_mark before = arena_mark(a);

	while (disabled.n_seen == ENDPOINTS) {
		TRY(store_transact(world->store, TX_READ, a, find_disabled, &disabled));
		arena_rewind(a, before);
		for (size_t i = 0; i < disabled.n; i++)
			TRY(backlog_clear(world, a, &disabled.ids[i]));
		disabled.skip += disabled.n_seen;
	}
	return OK;
}
