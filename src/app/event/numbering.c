#include "app/event/numbering.h"

#include <string.h>

#include "app/event/counting.h"
#include "base/attr.h"
#include "domain/webhook_delivery.h"

/* Room for the rows of a batch and the endpoints of its tenants: at worst 256 tenants with 16 endpoints. */
#define NUMBERING_MEMORY ((size_t)16 * 1024 * 1024)
/* Transactions of one event_number_all(). More events would have to be added faster than they are numbered.
 */
#define BATCHES_MAX 1024

/* An enabled endpoint and the events that it receives. */
struct receiver {
	struct endpoint_id id;
	event_type_set types;
};

struct tenant_receivers {
	struct tenant_id tenant_id;
	struct receiver *list;
	size_t n;
};

struct numbering {
	const struct world *world;
	size_t n; /* number of events that were numbered */
	/* The receivers of the tenants that have events in this batch. */
	struct tenant_receivers *tenants;
	size_t n_tenants;
	struct count_batch counts;
};

enum err event_has_unnumbered(struct tx *tx, bool *out)
{
	const struct event probe = { .position = 0 };
	struct event row;
	size_t n;

	TRY(store_find(tx, QUERY_EVENTS_UNNUMBERED, &probe, page_of(0, 1), &row, &n));
	*out = n > 0;
	return OK;
}

static enum err has_endpoints(struct tx *tx, const struct tenant_id *tenant_id, bool *out)
{
	const struct webhook_endpoint probe = { .tenant_id = *tenant_id };
	struct webhook_endpoint row;
	size_t n;

	TRY(store_find(tx, QUERY_WEBHOOK_ENDPOINTS_OF_TENANT, &probe, page_of(0, 1), &row, &n));
	*out = n > 0;
	return OK;
}

static enum err load_receivers(struct tx *tx, const struct tenant_id *tenant_id, struct tenant_receivers *out)
{
	const struct webhook_endpoint probe = { .tenant_id = *tenant_id };
	struct receiver *const list = arena_array(tx->arena, struct receiver, WEBHOOK_ENDPOINTS_MAX);
	const struct arena_mark before = arena_mark(tx->arena);
	struct webhook_endpoint *const rows = arena_array(
		tx->arena, struct webhook_endpoint, WEBHOOK_ENDPOINTS_MAX);
	size_t n;

	if (rows == NULL || list == NULL)
		return ERR_INTERNAL;
	TRY(store_find(
		tx, QUERY_WEBHOOK_ENDPOINTS_OF_TENANT, &probe, page_of(0, WEBHOOK_ENDPOINTS_MAX), rows, &n));
	*out = (struct tenant_receivers){ *tenant_id, list, 0 };
	for (size_t i = 0; i < n; i++) {
		struct receiver *const receiver = &list[out->n];

		receiver->id = rows[i].id;
		if (webhook_endpoint_is_enabled(&rows[i]) &&
			event_types_parse(str_of(rows[i].types), &receiver->types))
			out->n++;
	}
	arena_rewind(tx->arena, before);
	return OK;
}

/* Finds the receivers of a tenant, and loads them at the first event of the tenant. */
static enum err find_receivers(struct tx *tx, struct numbering *job, const struct tenant_id *tenant_id,
	const struct tenant_receivers **out)
{
	size_t i = 0;

	while (i < job->n_tenants && strcmp(job->tenants[i].tenant_id.text, tenant_id->text) != 0)
		i++;
	if (i == job->n_tenants) {
		TRY(load_receivers(tx, tenant_id, &job->tenants[i]));
		job->n_tenants++;
	}
	*out = &job->tenants[i];
	return OK;
}

static enum err enqueue_delivery(const struct world *world, struct tx *tx, const struct event *event,
	const struct endpoint_id *endpoint)
{
	struct effect delivery;

	delivery_init(endpoint, event, event->created_at, &delivery);
	TRY(world_id(world, delivery.id.text));
	return store_enqueue_effect(tx, &delivery);
}

static enum err enqueue_deliveries(const struct world *world, struct tx *tx, const struct event *event,
	const struct tenant_receivers *receivers)
{
	for (size_t i = 0; i < receivers->n; i++)
		if (event_types_have(receivers->list[i].types, event->type))
			TRY(enqueue_delivery(world, tx, event, &receivers->list[i].id));
	return OK;
}

/* Loads the counter, which locks its row. */
static enum err load_counter(struct tx *tx, struct counter *out)
{
	*out = (struct counter){ .name = COUNTER_EVENTS };
	const enum err e = store_load_counter(tx, out);

	return e == ERR_NOT_FOUND ? OK : e;
}

struct event event_as_stored(const struct event *event)
{
	struct event row = *event;

	if (row.position > 0)
		row.uncounted[0] = '\0';
	return row;
}

enum err event_add_begin(const struct world *world, struct tx *tx, struct event *event)
{
	struct counter counter;

	if (!world->store->single_writer)
		return OK;
	TRY(load_counter(tx, &counter));
	event->position = counter.value + 1;
	return OK;
}

/* Counts a single event. */
static enum err count_event(struct tx *tx, const struct event *event)
{
	struct count_changes changes;
	struct count_batch counts = { &changes, 0 };

	count_batch_add(&counts, event);
	return count_batch_save(tx, &counts);
}

enum err event_add_end(const struct world *world, struct tx *tx, const struct event *event)
{
	const struct counter counter = { .name = COUNTER_EVENTS, .value = event->position };
	struct tenant_receivers receivers;
	bool any;

	if (event->position == 0)
		return OK;
	TRY(store_save_counter(tx, &counter));
	TRY(count_event(tx, event));
	/* Most events belong to tenants without endpoints, for which the room for all rows is not needed. */
	TRY(has_endpoints(tx, &event->tenant_id, &any));
	if (!any)
		return OK;
	TRY(load_receivers(tx, &event->tenant_id, &receivers));
	return enqueue_deliveries(world, tx, event, &receivers);
}

enum err event_add(const struct world *world, struct tx *tx, struct event *event)
{
	struct event row;

	TRY(event_add_begin(world, tx, event));
	row = event_as_stored(event);
	TRY(store_add_new_event(tx, &row));
	return event_add_end(world, tx, event);
}

static enum err number(struct tx *tx, struct numbering *job, struct event *event, int64_t position)
{
	const struct tenant_receivers *receivers;

	count_batch_add(&job->counts, event);
	event->position = position;
	event->uncounted[0] = '\0';
	TRY(store_save_event(tx, event));
	/* The open deliveries of an erased person are dropped, so new ones are not added. */
	if (event->erased)
		return OK;
	TRY(find_receivers(tx, job, &event->tenant_id, &receivers));
	return enqueue_deliveries(job->world, tx, event, receivers);
}

/* The counter is loaded before the events: while another instance numbers events, the load waits, so that the
 * query does not find events which that instance has numbered. */
static enum err number_in_tx(struct tx *tx, void *arg)
{
	struct numbering *const job = arg;
	const struct event probe = { .position = 0 };
	struct event *const events = arena_array(tx->arena, struct event, EVENT_NUMBER_BATCH);
	struct counter counter;

	job->tenants = arena_array(tx->arena, struct tenant_receivers, EVENT_NUMBER_BATCH);
	job->counts.changes = arena_array(tx->arena, struct count_changes, EVENT_NUMBER_BATCH);
	job->n = job->n_tenants = job->counts.n = 0;
	if (events == NULL || job->tenants == NULL || job->counts.changes == NULL)
		return ERR_INTERNAL;
	TRY(load_counter(tx, &counter));
	TRY(store_find(tx, QUERY_EVENTS_UNNUMBERED, &probe, page_of(0, EVENT_NUMBER_BATCH), events, &job->n));
	for (size_t i = 0; i < job->n; i++)
		TRY(number(tx, job, &events[i], ++counter.value));
	TRY(count_batch_save(tx, &job->counts));
	return job->n > 0 ? store_save_counter(tx, &counter) : OK;
}

enum err event_number(const struct world *world, bool *more)
{
	struct numbering job = { .world = world };
	struct arena a;

	arena_init(&a, NUMBERING_MEMORY);
	const enum err e = store_transact(world->store, TX_WRITE, &a, number_in_tx, &job);
	arena_finish(&a);
	*more = e == OK && job.n == EVENT_NUMBER_BATCH;
	return e;
}

static enum err find_unnumbered(struct tx *tx, void *arg)
{
	return event_has_unnumbered(tx, arg);
}

enum err event_number_all(const struct world *world)
{
	struct arena a;
	bool more = false;

	arena_init(&a, ARENA_CALL_LIMIT);
	enum err e = store_transact(world->store, TX_READ, &a, find_unnumbered, &more);
	arena_finish(&a);
	for (int i = 0; i < BATCHES_MAX && e == OK && more; i++)
		e = event_number(world, &more);
	return e;
}
