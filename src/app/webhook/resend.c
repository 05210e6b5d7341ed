#include "app/webhook/resend.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Events of one transaction. All of them and their deliveries with excerpts of 4 KiB fit into an arena. */
#define BATCH 32
/* The order of events is that in which they became visible, and differs from that of their timestamps by the
 * length of a transaction, or by a clock that was corrected. */
#define TIME_SKEW seconds(60)
/* Events after the last queued one that are searched for an earlier timestamp. */
#define LOOK_AHEAD 1024

struct resend_job {
	const struct world *world;
	const struct webhook_client *client;
	const struct endpoint_id *id;
	const struct event_id *event_id;
	const struct resend_filter *filter;
	int64_t position; /* events after this one are looked at */
	int64_t room;	  /* deliveries that may still be queued */
	/* Set by each transaction. */
	struct webhook_refusal refusal;
	int64_t last_position, looked_at, queued;
	bool ended;    /* there are no more events of the period */
	bool has_rest; /* an event was left out for lack of room; `rest` is the earliest timestamp of those */
	moment rest;
};

/* Loads and locks the endpoint, and checks that it is enabled. Returns OK also if it is refused. */
static enum err load_endpoint(struct resend_job *job, struct tx *tx, struct webhook_endpoint *endpoint)
{
	const enum err e = webhook_endpoint_load(tx, job->client, job->id, endpoint);

	job->refusal = (struct webhook_refusal){ .verdict = WEBHOOK_DONE };
	if (e == ERR_NOT_FOUND)
		job->refusal.verdict = WEBHOOK_NOT_FOUND;
	else if (e == OK && !webhook_endpoint_is_enabled(endpoint))
		job->refusal.verdict = WEBHOOK_IS_DISABLED;
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool event_matches(const struct webhook_endpoint *endpoint, const struct event *event)
{
	event_type_set types;

	return event->position > 0 && !event->erased && event_types_parse(str_of(endpoint->types), &types) &&
	       event_types_have(types, event->type);
}

/* Finds the delivery of the event to the endpoint; `exists` is false if it was never queued. */
static enum err find_delivery(struct tx *tx, const struct webhook_endpoint *endpoint,
	const struct event *event, struct effect *out, bool *exists)
{
	const struct effect probe = { .endpoint_id = endpoint->id, .event_position = event->position };
	size_t n;

	TRY(store_find(tx, QUERY_DELIVERY_OF_EVENT, &probe, page_of(0, 1), out, &n));
	*exists = n > 0;
	return OK;
}

/* Queues the delivery of an event that the endpoint receives. */
static enum err queue_event(const struct resend_job *job, struct tx *tx,
	const struct webhook_endpoint *endpoint, const struct event *event, bool *queued)
{
	const moment now = world_now(job->world);
	struct effect delivery;
	bool exists;

	TRY(find_delivery(tx, endpoint, event, &delivery, &exists));
	*queued = !job->filter || !job->filter->has_state ||
		  (exists && delivery_state_of(delivery.state) == job->filter->state);
	if (!*queued)
		return OK;
	if (!exists) {
		delivery_init(&endpoint->id, event, now, &delivery);
		TRY(world_id(job->world, delivery.id.text));
		return store_enqueue_effect(tx, &delivery);
	}
	tx->added |= ADDED_DELIVERY;
	return delivery_queue_again(&delivery, now) ? store_save_effect(tx, &delivery) : OK;
}

static enum err append_audit(
	const struct resend_job *job, struct tx *tx, const struct webhook_endpoint *endpoint, int64_t queued)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)queued);
	return webhook_endpoint_audit(job->world, tx, job->client, endpoint, AUDIT_EVENTS_RESENT, number);
}

static enum err resend_event_in_tx(struct tx *tx, void *arg)
{
	struct resend_job *const job = arg;
	struct webhook_endpoint endpoint;
	struct event event = { .id = *job->event_id };
	bool queued = false;

	job->queued = 0;
	TRY(load_endpoint(job, tx, &endpoint));
	if (job->refusal.verdict != WEBHOOK_DONE)
		return OK;
	const enum err e = store_load_event(tx, &event);
	if (e == ERR_NOT_FOUND || (e == OK && strcmp(event.tenant_id.text, endpoint.tenant_id.text) != 0)) {
		job->refusal.verdict = WEBHOOK_EVENT_NOT_FOUND;
		return OK;
	}
	TRY(e);
	if (event_matches(&endpoint, &event))
		TRY(queue_event(job, tx, &endpoint, &event, &queued));
	job->queued = queued ? 1 : 0;
	return append_audit(job, tx, &endpoint, job->queued);
}

enum err webhook_resend_event(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct event_id *event_id, struct resend_result *out)
{
	struct resend_job job = { .world = world, .client = client, .id = id, .event_id = event_id };

	TRY(store_transact(world->store, TX_WRITE, a, resend_event_in_tx, &job));
	*out = (struct resend_result){ .refusal = job.refusal, .queued = job.queued };
	return OK;
}

static bool is_in_period(const struct resend_filter *filter, moment at)
{
	return !moment_is_before(at, filter->since) &&
	       (!filter->has_until || moment_is_before(at, filter->until));
}

static bool is_after_period(const struct resend_filter *filter, moment at)
{
	return filter->has_until && !moment_is_before(at, moment_add(filter->until, TIME_SKEW));
}

/* Loads the tenant's first event after a position. */
static enum err first_event_after(
	struct tx *tx, const struct tenant_id *tenant_id, int64_t position, struct event *out, bool *found)
{
	const struct event probe = { .tenant_id = *tenant_id, .position = position };
	size_t n;

	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, 1), out, &n));
	*found = n > 0;
	return OK;
}

/* Finds a position after which all events of the period are. Timestamps grow with positions, apart from
 * TIME_SKEW, so the interval is halved until it is small. */
static enum err find_start(struct tx *tx, void *arg)
{
	struct resend_job *const job = arg;
	const moment from = moment_sub(job->filter->since, TIME_SKEW);
	struct webhook_endpoint endpoint;
	struct event event = { .position = 0 };
	int64_t low = 0;
	size_t n;
	bool found;

	job->position = 0;
	TRY(load_endpoint(job, tx, &endpoint));
	if (job->refusal.verdict != WEBHOOK_DONE)
		return OK;
	const struct event newest = { .tenant_id = endpoint.tenant_id };
	TRY(store_find(tx, QUERY_NEWEST_EVENTS_OF_TENANT, &newest, page_of(0, 1), &event, &n));
	int64_t high = n > 0 ? event.position : 0;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		TRY(first_event_after(tx, &endpoint.tenant_id, middle, &event, &found));
		if (found && moment_is_before(event.created_at, from))
			low = event.position;
		else
			high = middle;
	}
	job->position = low;
	return OK;
}

static void leave_out(struct resend_job *job, moment at)
{
	if (!job->has_rest || moment_is_before(at, job->rest))
		job->rest = at;
	job->has_rest = true;
}

static enum err look_at(struct resend_job *job, struct tx *tx, const struct webhook_endpoint *endpoint,
	const struct event *event)
{
	bool queued = false;

	if (!event_matches(endpoint, event) || !is_in_period(job->filter, event->created_at))
		return OK;
	if (job->queued == job->room) {
		leave_out(job, event->created_at);
		return OK;
	}
	TRY(queue_event(job, tx, endpoint, event, &queued));
	job->queued += queued ? 1 : 0;
	return OK;
}

static enum err resend_batch(struct tx *tx, void *arg)
{
	struct resend_job *const job = arg;
	struct event *const events = arena_array(tx->arena, struct event, BATCH);
	struct webhook_endpoint endpoint;
	size_t n = 0;

	job->queued = 0;
	job->looked_at = 0;
	job->last_position = job->position;
	job->ended = true;
	if (!events)
		return ERR_INTERNAL;
	TRY(load_endpoint(job, tx, &endpoint));
	if (job->refusal.verdict != WEBHOOK_DONE)
		return OK;
	const struct event probe = { .tenant_id = endpoint.tenant_id, .position = job->position };
	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, BATCH), events, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(look_at(job, tx, &endpoint, &events[i]));
		job->last_position = events[i].position;
	}
	job->looked_at = (int64_t)n;
	job->ended = n < BATCH || is_after_period(job->filter, events[n - 1].created_at);
	return job->queued > 0 ? append_audit(job, tx, &endpoint, job->queued) : OK;
}

/* Looks at all events of the period, until a limit is reached. */
static enum err resend_all(struct resend_job *job, struct arena *a, struct resend_result *out)
{
	const struct arena_mark before = arena_mark(a);
	const int64_t max = job->filter->max > 0 ? job->filter->max : RESEND_MAX;
	int64_t left = RESEND_LOOK_MAX;

	do {
		job->room = left > LOOK_AHEAD ? max - out->queued : 0;
		TRY(store_transact(job->world->store, TX_WRITE_LOW_PRIORITY, a, resend_batch, job));
		arena_rewind(a, before);
		out->queued += job->queued;
		left -= job->looked_at;
		if (out->queued == max && left > LOOK_AHEAD)
			left = LOOK_AHEAD;
		job->position = job->last_position;
	} while (!job->ended && left > 0);
	out->has_more = job->has_rest;
	out->next_since = job->rest;
	return OK;
}

enum err webhook_resend_since(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_result *out)
{
	struct resend_job job = { .world = world, .client = client, .id = id, .filter = filter };

	*out = (struct resend_result){ .queued = 0 };
	TRY(store_transact(world->store, TX_READ, a, find_start, &job));
	if (job.refusal.verdict == WEBHOOK_DONE)
		TRY(resend_all(&job, a, out));
	out->refusal = job.refusal;
	return OK;
}
