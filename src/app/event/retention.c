#include "app/event/retention.h"

#include <string.h>

#include "base/attr.h"

/* Events that one transaction removes. */
#define BATCH 64
#define BATCHES_MAX 64
#define CLEANUP_MEMORY ((size_t)4 * 1024 * 1024)

bool event_is_old(const struct world *world, const struct event *event)
{
	return moment_diff(event->created_at, world_now(world)).ms >= world->rules->keep_outgoing_events.ms;
}

/* Finds the first event after a position; the position of `out` is 0 if there is none. */
static enum err find_event_after(
	struct tx *tx, const struct tenant_id *tenant, int64_t position, struct event *out)
{
	const struct event probe = { .tenant_id = *tenant, .position = position };
	size_t n;

	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, 1), out, &n));
	if (n == 0)
		*out = (struct event){ .position = 0 };
	return OK;
}

enum err event_find_newest(struct tx *tx, const struct tenant_id *tenant, struct event *out)
{
	const struct event probe = { .tenant_id = *tenant };
	size_t n;

	TRY(store_find(tx, QUERY_NEWEST_EVENTS_OF_TENANT, &probe, page_of(0, 1), out, &n));
	if (n == 0)
		*out = (struct event){ .position = 0 };
	return OK;
}

/* Searches by halves: `expired` is a position up to which all events are old, and `*kept` is an event that is
 * kept. Positions are in the order of time, except for events that were committed at almost the same time. */
static enum err search_oldest_kept(const struct world *world, struct tx *tx, const struct tenant_id *tenant,
	int64_t expired, struct event *kept)
{
	int64_t high = kept->position - 1; /* the first event after `high` is `*kept` */
	struct event row;

	while (high > expired) {
		const int64_t middle = expired + (high - expired) / 2;

		TRY(find_event_after(tx, tenant, middle, &row));
		/* The clean-up of another instance may have removed the row that was found before. */
		if (row.position == 0)
			return OK;
		if (event_is_old(world, &row)) {
			expired = row.position;
		} else {
			*kept = row;
			high = middle;
		}
	}
	return OK;
}

enum err event_find_oldest_kept(
	const struct world *world, struct tx *tx, const struct tenant_id *tenant, struct event *out)
{
	struct event newest;

	TRY(find_event_after(tx, tenant, 0, out));
	if (out->position == 0 || !event_is_old(world, out))
		return OK;
	const int64_t expired = out->position;
	TRY(event_find_newest(tx, tenant, &newest));
	*out = newest;
	return event_is_old(world, &newest) ? OK : search_oldest_kept(world, tx, tenant, expired, out);
}

struct cleanup_batch {
	const struct world *world;
	struct event_id from, next; /* where this batch starts, and where the next one does */
	struct event *expired;	    /* the rows to remove; room for BATCH */
	size_t n;
	bool at_end; /* there are no further old events */
};

/* An event without a number was not delivered yet. */
static enum err must_be_kept(struct tx *tx, const struct event *event, bool *out)
{
	struct event newest;

	*out = event->position == 0;
	if (*out)
		return OK;
	TRY(event_find_newest(tx, &event->tenant_id, &newest));
	*out = strcmp(newest.id.text, event->id.text) == 0;
	return OK;
}

/* Finds expired events in the order of their ids, which is the order of time. */
static enum err find_expired_events(struct tx *tx, void *arg)
{
	struct cleanup_batch *const batch = arg;
	const struct event probe = { .id = batch->from };
	struct event *const rows = arena_array(tx->arena, struct event, BATCH);
	size_t n;
	bool keep;

	if (rows == NULL)
		return ERR_INTERNAL;
	batch->n = 0;
	TRY(store_find(tx, QUERY_EVENTS_FROM, &probe, page_of(0, BATCH), rows, &n));
	batch->at_end = n < BATCH;
	for (size_t i = 0; i < n; i++) {
		if (!event_is_old(batch->world, &rows[i])) {
			batch->at_end = true;
			return OK;
		}
		TRY(must_be_kept(tx, &rows[i], &keep));
		batch->next = rows[i].id;
		if (!keep)
			batch->expired[batch->n++] = rows[i];
	}
	return OK;
}

/* Removes the deliveries of an event to the endpoints that its tenant has. */
static enum err remove_deliveries(struct tx *tx, const struct event *event)
{
	const struct webhook_endpoint probe = { .tenant_id = event->tenant_id };
	struct webhook_endpoint *const endpoints = arena_array(
		tx->arena, struct webhook_endpoint, WEBHOOK_ENDPOINTS_MAX);
	struct effect row;
	size_t n, found;

	if (endpoints == NULL)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS_OF_TENANT, &probe, page_of(0, WEBHOOK_ENDPOINTS_MAX),
		endpoints, &n));
	for (size_t i = 0; i < n; i++) {
		const struct effect delivery = { .endpoint_id = endpoints[i].id,
			.event_position = event->position };

		TRY(store_find(tx, QUERY_DELIVERY_OF_EVENT, &delivery, page_of(0, 1), &row, &found));
		if (found > 0)
			TRY(store_remove_effect(tx, &row));
	}
	return OK;
}

static enum err remove_expired_events(struct tx *tx, void *arg)
{
	const struct cleanup_batch *const batch = arg;

	for (size_t i = 0; i < batch->n; i++) {
		TRY(remove_deliveries(tx, &batch->expired[i]));
		TRY(store_remove_event(tx, &batch->expired[i]));
	}
	return OK;
}

/* Searches in a read transaction first. If there is nothing to remove, SQLite's only writer is not occupied.
 */
static enum err clean_batch(const struct world *world, struct event_cleanup_cursor *cursor, bool *at_end)
{
	struct cleanup_batch batch = { .world = world, .from = cursor->from, .next = cursor->from };
	struct arena a;

	arena_init(&a, CLEANUP_MEMORY);
	batch.expired = arena_array(&a, struct event, BATCH);
	enum err e = batch.expired == NULL
			     ? ERR_INTERNAL
			     : store_transact(world->store, TX_READ, &a, find_expired_events, &batch);
	if (e == OK && batch.n > 0)
		e = store_transact(world->store, TX_WRITE, &a, remove_expired_events, &batch);
	arena_finish(&a);
	*at_end = batch.at_end;
	cursor->from = batch.next;
	if (batch.at_end)
		cursor->from = (struct event_id){ "" };
	return e;
}

enum err event_clean(const struct world *world, struct event_cleanup_cursor *cursor)
{
	bool at_end = false;

	for (int i = 0; i < BATCHES_MAX && !at_end; i++)
		TRY(clean_batch(world, cursor, &at_end));
	return OK;
}
