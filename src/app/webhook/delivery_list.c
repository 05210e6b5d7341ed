#include "app/webhook/delivery_list.h"

#include <assert.h>
#include <string.h>

struct list_job {
	const struct world *world;
	const struct webhook_client *client;
	const struct endpoint_id *id;
	const struct delivery_filter *filter;
	struct delivery_list out;
};

/* Finds the event position before which the page begins. */
static enum err find_start(const struct list_job *job, struct tx *tx, bool *known, int64_t *position)
{
	struct effect after = { .id = job->filter->after };

	*position = INT64_MAX;
	*known = true;
	if (!job->filter->has_after)
		return OK;
	const enum err e = store_load_effect(tx, &after);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*known = e == OK && strcmp(after.endpoint_id.text, job->id->text) == 0;
	*position = after.event_position;
	return OK;
}

/* Merges two lists that are sorted by event, newest first. Returns the length, at most `max`. */
static size_t merge(const struct effect *a, size_t n_a, const struct effect *b, size_t n_b,
	struct effect *out, size_t max)
{
	size_t i = 0, j = 0, n = 0;

	while (n < max && (i < n_a || j < n_b)) {
		const bool takes_a = j == n_b || (i < n_a && a[i].event_position > b[j].event_position);

		out[n++] = takes_a ? a[i++] : b[j++];
	}
	return n;
}

/* Two states of effects are one state of deliveries. */
static enum err find_by_state(const struct list_job *job, struct tx *tx, struct effect *rows, size_t max,
	size_t *n, int64_t position)
{
	struct effect *const lists = arena_array(tx->arena, struct effect, 2 * max);
	struct effect probe = { .endpoint_id = *job->id, .event_position = position };
	enum effect_state states[2];
	size_t found[2] = { 0, 0 };

	if (!lists)
		return ERR_INTERNAL;
	delivery_effect_states(job->filter->state, states);
	for (size_t i = 0; i < (states[0] == states[1] ? 1 : 2); i++) {
		probe.state = states[i];
		TRY(store_find(tx, QUERY_NEWEST_DELIVERIES_BY_STATE, &probe, page_of(0, max), lists + i * max,
			&found[i]));
	}
	*n = merge(lists, found[0], lists + max, found[1], rows, max);
	return OK;
}

static enum err view(
	const struct list_job *job, struct tx *tx, const struct effect *row, struct delivery_view *out)
{
	struct event event = { .id = row->event_id };
	const enum err e = store_load_event(tx, &event);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	out->row = *row;
	out->type = e == OK ? event_type_name(event.type) : NULL;
	return webhook_excerpt(job->world, tx->arena, row, &out->excerpt);
}

/* The bytes of a row in JSON, with room for the members beside the excerpt. */
static size_t json_size(struct str excerpt)
{
	size_t n = 256 + excerpt.n;

	for (size_t i = 0; i < excerpt.n; i++)
		n += excerpt.p[i] == '"' || excerpt.p[i] == '\\' ? 1 : 0;
	return n;
}

static enum err list_rows(struct list_job *job, struct tx *tx, int64_t position)
{
	const size_t max = job->filter->limit + 1;
	const struct effect probe = { .endpoint_id = *job->id, .event_position = position };
	struct effect *const rows = arena_array(tx->arena, struct effect, max);
	size_t n, bytes = 0;

	job->out.rows = arena_array(tx->arena, struct delivery_view, max);
	if (!rows || !job->out.rows)
		return ERR_INTERNAL;
	if (job->filter->has_state)
		TRY(find_by_state(job, tx, rows, max, &n, position));
	else
		TRY(store_find(tx, QUERY_NEWEST_DELIVERIES, &probe, page_of(0, max), rows, &n));
	while (job->out.n < n && job->out.n < job->filter->limit && bytes < DELIVERY_LIST_BYTES) {
		struct delivery_view *const out = &job->out.rows[job->out.n];

		TRY(view(job, tx, &rows[job->out.n], out));
		bytes += json_size(out->excerpt);
		job->out.n++;
	}
	job->out.has_more = job->out.n < n;
	return OK;
}

static enum err list_in_tx(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct webhook_endpoint endpoint;
	int64_t position;
	bool known;

	job->out = (struct delivery_list){ .verdict = DELIVERY_LIST_READ };
	const enum err e = webhook_endpoint_load(tx, job->client, job->id, &endpoint);
	if (e == ERR_NOT_FOUND) {
		job->out.verdict = DELIVERY_LIST_NO_ENDPOINT;
		return OK;
	}
	TRY(e);
	TRY(find_start(job, tx, &known, &position));
	if (!known) {
		job->out.verdict = DELIVERY_LIST_UNKNOWN_AFTER;
		return OK;
	}
	return list_rows(job, tx, position);
}

enum err webhook_delivery_list(const struct world *world, struct arena *a,
	const struct webhook_client *client, const struct endpoint_id *id,
	const struct delivery_filter *filter, struct delivery_list *out)
{
	struct list_job job = { .world = world, .client = client, .id = id, .filter = filter };

	assert(filter->limit >= 1 && filter->limit <= DELIVERY_LIST_MAX);
	TRY(store_transact(world->store, TX_READ, a, list_in_tx, &job));
	*out = job.out;
	return OK;
}
