#include "app/webhook/resend_search.h"

#include <stdlib.h>

/* Events that are loaded at a time. */
#define CHUNK 256
/* The order of events is that in which they became visible, and differs from that of their timestamps by the
 * length of a transaction, or by a clock that was corrected. */
#define TIME_SKEW seconds(60)

struct search {
	const struct world *world;
	const struct webhook_client *client;
	const struct endpoint_id *id;
	const struct resend_filter *filter;
	size_t max, look_max;
	struct webhook_endpoint endpoint;
	struct webhook_refusal refusal;
	struct resend_candidate *rows; /* what was found so far */
	size_t n, room;
	size_t looked_at; /* events of the period */
	int64_t position; /* events after this one are looked at */
	bool ended;
	/* Events at or after this moment are left to the next call. It moves to the front while events are
	 * found, because only then it is known which ones exceed a limit. */
	bool has_end;
	moment end;
};

enum err resend_load_endpoint(struct tx *tx, const struct webhook_client *client,
	const struct endpoint_id *id, struct webhook_endpoint *out, struct webhook_refusal *refusal)
{
	const enum err e = webhook_endpoint_load(tx, client, id, out);

	*refusal = (struct webhook_refusal){ .verdict = WEBHOOK_DONE };
	if (e == ERR_NOT_FOUND)
		refusal->verdict = WEBHOOK_NOT_FOUND;
	else if (e == OK && !webhook_endpoint_is_enabled(out))
		refusal->verdict = WEBHOOK_IS_DISABLED;
	return e == ERR_NOT_FOUND ? OK : e;
}

bool resend_event_matches(const struct webhook_endpoint *endpoint, const struct event *event)
{
	event_type_set types;

	return event->position > 0 && !event->erased && event_types_parse(str_of(endpoint->types), &types) &&
	       event_types_have(types, event->type);
}

enum err resend_find_delivery(struct tx *tx, const struct endpoint_id *endpoint, int64_t event_position,
	struct effect *out, bool *exists)
{
	const struct effect probe = { .endpoint_id = *endpoint, .event_position = event_position };
	size_t n;

	TRY(store_find(tx, QUERY_DELIVERY_OF_EVENT, &probe, page_of(0, 1), out, &n));
	*exists = n > 0;
	return OK;
}

bool resend_takes_delivery(const struct resend_filter *filter, const struct effect *delivery, bool exists)
{
	return !filter->has_state || (exists && delivery_state_of(delivery->state) == filter->state);
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
	struct search *const search = arg;
	const moment from = moment_sub(search->filter->since, TIME_SKEW);
	struct event event = { .position = 0 };
	int64_t low = 0;
	size_t n;
	bool found;

	search->position = 0;
	TRY(resend_load_endpoint(tx, search->client, search->id, &search->endpoint, &search->refusal));
	if (search->refusal.verdict != WEBHOOK_DONE)
		return OK;
	const struct event newest = { .tenant_id = search->endpoint.tenant_id };
	TRY(store_find(tx, QUERY_NEWEST_EVENTS_OF_TENANT, &newest, page_of(0, 1), &event, &n));
	int64_t high = n > 0 ? event.position : 0;
	while (low < high) {
		const int64_t middle = low + (high - low) / 2;

		TRY(first_event_after(tx, &search->endpoint.tenant_id, middle, &event, &found));
		if (found && moment_is_before(event.created_at, from))
			low = event.position;
		else
			high = middle;
	}
	search->position = low;
	return OK;
}

/* Events of the first millisecond are never left out, however many there are, because the next call could not
 * continue among them. */
static void end_before(struct search *search, moment at)
{
	if (!moment_is_before(search->filter->since, at))
		at = moment_add(search->filter->since, milliseconds(1));
	if (!search->has_end || moment_is_before(at, search->end))
		search->end = at;
	search->has_end = true;
}

/* Sets `takes` if the event is queued, unless it is beyond a limit. */
static enum err check_event(
	struct tx *tx, const struct search *search, const struct event *event, bool *takes)
{
	const struct arena_mark before = arena_mark(tx->arena);
	struct effect delivery = { .state = EFFECT_QUEUED };
	bool exists = false;

	*takes = resend_event_matches(&search->endpoint, event);
	if (!*takes || !search->filter->has_state)
		return OK;
	TRY(resend_find_delivery(tx, search->id, event->position, &delivery, &exists));
	*takes = resend_takes_delivery(search->filter, &delivery, exists);
	arena_rewind(tx->arena, before);
	return OK;
}

/* If there are more candidates than may be queued, the latest of the first `max` + 1 is left out, and so is
 * what is later. */
static void end_at_max(struct search *search)
{
	moment latest = search->rows[0].at;

	if (search->n != search->max + 1)
		return;
	for (size_t i = 1; i < search->n; i++)
		if (moment_is_before(latest, search->rows[i].at))
			latest = search->rows[i].at;
	end_before(search, latest);
}

/* Events outside of the period, and those that are left out, do not count as looked at: there are only as
 * many as happened during TIME_SKEW. */
static enum err look_at(struct tx *tx, struct search *search, const struct event *event)
{
	const struct resend_filter *const filter = search->filter;
	const moment at = event->created_at;
	bool takes;

	if (moment_is_before(at, filter->since) ||
		(filter->has_until && !moment_is_before(at, filter->until)))
		return OK;
	if (search->has_end && !moment_is_before(at, search->end))
		return OK;
	if (search->looked_at >= search->look_max && moment_is_before(filter->since, at)) {
		end_before(search, at);
		return OK;
	}
	if (search->n == search->room)
		return ERR_INTERNAL;
	search->looked_at++;
	TRY(check_event(tx, search, event, &takes));
	if (!takes)
		return OK;
	search->rows[search->n++] = (struct resend_candidate){ at, event->position };
	end_at_max(search);
	return OK;
}

/* Returns whether all events behind this one are later than the period, or are left out. */
static bool is_last(const struct search *search, const struct event *event)
{
	const moment earliest = moment_sub(event->created_at, TIME_SKEW);

	return (search->filter->has_until && !moment_is_before(earliest, search->filter->until)) ||
	       (search->has_end && !moment_is_before(earliest, search->end));
}

struct chunk_job {
	const struct search *before;
	struct search after;
};

static enum err search_chunk(struct tx *tx, void *arg)
{
	struct chunk_job *const job = arg;
	struct search *const search = &job->after;
	struct event *const events = arena_array(tx->arena, struct event, CHUNK);
	size_t n = 0;

	*search = *job->before;
	if (!events)
		return ERR_INTERNAL;
	const struct event probe = { .tenant_id = search->endpoint.tenant_id, .position = search->position };
	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, CHUNK), events, &n));
	for (size_t i = 0; i < n; i++)
		TRY(look_at(tx, search, &events[i]));
	search->ended = n < CHUNK || is_last(search, &events[n - 1]);
	search->position = n > 0 ? events[n - 1].position : search->position;
	return OK;
}

static int compare_times(const void *a, const void *b)
{
	const struct resend_candidate *const x = a, *const y = b;

	return (x->at.ms > y->at.ms) - (x->at.ms < y->at.ms);
}

static int compare_positions(const void *a, const void *b)
{
	const struct resend_candidate *const x = a, *const y = b;

	return (x->position > y->position) - (x->position < y->position);
}

/* Leaves out the candidates that exceed the limit or that are at or after the end. */
static void leave_out(struct search *search)
{
	qsort(search->rows, search->n, sizeof(search->rows[0]), compare_times);
	if (search->n > search->max)
		end_before(search, search->rows[search->max].at);
	while (search->n > 0 && search->has_end &&
		!moment_is_before(search->rows[search->n - 1].at, search->end))
		search->n--;
	qsort(search->rows, search->n, sizeof(search->rows[0]), compare_positions);
}

static enum err search_all(struct search *search, struct arena *a)
{
	struct chunk_job job = { .before = search };

	/* Besides events that count as looked at, those of the first millisecond are found. */
	search->room = search->look_max + search->max;
	search->rows = arena_array(a, struct resend_candidate, search->room);
	if (!search->rows)
		return ERR_INTERNAL;
	const struct arena_mark before = arena_mark(a);
	while (!search->ended) {
		TRY(store_transact(search->world->store, TX_READ, a, search_chunk, &job));
		*search = job.after;
		arena_rewind(a, before);
	}
	leave_out(search);
	return OK;
}

enum err resend_search(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_found *out)
{
	struct search search = { .world = world,
		.client = client,
		.id = id,
		.filter = filter,
		.max = filter->max > 0 ? filter->max : RESEND_MAX,
		.look_max = filter->look_max > 0 ? filter->look_max : RESEND_LOOK_MAX };

	TRY(store_transact(world->store, TX_READ, a, find_start, &search));
	if (search.refusal.verdict == WEBHOOK_DONE)
		TRY(search_all(&search, a));
	*out = (struct resend_found){ .refusal = search.refusal,
		.rows = search.rows,
		.n = search.n,
		.has_more = search.has_end &&
			    !(filter->has_until && !moment_is_before(search.end, filter->until)),
		.next_since = search.end };
	return OK;
}
