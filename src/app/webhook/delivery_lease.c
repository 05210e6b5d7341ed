#include "app/webhook/delivery_lease.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "domain/lease.h"
#include "domain/webhook_retry.h"

/* Deliveries of an endpoint that are looked at for first attempts, and as many for retries. If one person has
 * more events than this at the front of the queue, the events behind them wait until some are delivered. */
#define WINDOW 64
/* Deliveries that are loaded at first, besides those that may be chosen and this instance's own attempts. */
#define SPARE 4

/* The deliveries that were chosen for one endpoint. */
struct choice {
	const struct world *world;
	moment store_now;
	size_t max, n;
	struct effect rows[WEBHOOK_IN_FLIGHT_MAX];
};

static bool is_leased(const struct effect *row, moment store_now)
{
	return moment_is_before(store_now, row->lease_expires_at);
}

static void choose(struct choice *choice, const struct effect *row)
{
	struct effect *const out = &choice->rows[choice->n++];

	*out = *row;
}

/* Returns whether an earlier event of the same person still waits for its first attempt, or is in it. */
static bool person_waits(const struct effect *rows, size_t i)
{
	if (rows[i].user_id.text[0] == '\0')
		return false;
	for (size_t earlier = 0; earlier < i; earlier++)
		if (strcmp(rows[earlier].user_id.text, rows[i].user_id.text) == 0)
			return true;
	return false;
}

/* The part of the window that is loaded at first. It nearly always has enough, and a row costs time. */
static size_t first_part(const struct lease_candidate *candidate, const struct choice *choice)
{
	const size_t n = candidate->in_flight + choice->max - choice->n + SPARE;

	return n < WINDOW ? n : WINDOW;
}

typedef void choose_from(struct choice *choice, const struct effect *rows, size_t n);

struct delivery_window {
	enum query_kind query;
	const struct effect *probe;
	choose_from *from;
	/* Set by choose_in_window: the rows that were loaded. */
	struct effect *rows;
	size_t n;
};

/* Chooses from the first rows of the window, or from all if these are too few. */
static enum err choose_in_window(struct tx *tx, const struct lease_candidate *candidate,
	struct delivery_window *window, struct choice *choice)
{
	const size_t chosen = choice->n;

	window->rows = arena_array(tx->arena, struct effect, WINDOW);
	if (!window->rows)
		return ERR_INTERNAL;
	for (size_t limit = first_part(candidate, choice);; limit = WINDOW) {
		TRY(store_find(
			tx, window->query, window->probe, page_of(0, limit), window->rows, &window->n));
		choice->n = chosen;
		window->from(choice, window->rows, window->n);
		if (choice->n == choice->max || window->n < limit || limit == WINDOW)
			return OK;
	}
}

static void choose_from_queued(struct choice *choice, const struct effect *rows, size_t n)
{
	for (size_t i = 0; i < n && choice->n < choice->max; i++)
		if (!is_leased(&rows[i], choice->store_now) && !person_waits(rows, i))
			choose(choice, &rows[i]);
}

static enum err choose_first_attempts(
	struct tx *tx, const struct lease_candidate *candidate, struct choice *choice, moment *oldest)
{
	const struct effect probe = { .endpoint_id = candidate->id, .state = EFFECT_QUEUED };
	struct delivery_window window = {
		.query = QUERY_DELIVERIES_BY_STATE, .probe = &probe, .from = choose_from_queued
	};

	TRY(choose_in_window(tx, candidate, &window, choice));
	*oldest = window.n > 0 ? window.rows[0].created_at : (moment){ 0 };
	return OK;
}

static void choose_from_due(struct choice *choice, const struct effect *rows, size_t n)
{
	for (size_t i = 0; i < n && choice->n < choice->max; i++)
		if (!is_leased(&rows[i], choice->store_now))
			choose(choice, &rows[i]);
}

static enum err choose_retries(struct tx *tx, const struct lease_candidate *candidate, struct choice *choice)
{
	const struct effect probe = {
		.endpoint_id = candidate->id, .state = EFFECT_DEFERRED, .due_at = world_now(choice->world)
	};
	struct delivery_window window = {
		.query = QUERY_DELIVERIES_DUE, .probe = &probe, .from = choose_from_due
	};

	return choose_in_window(tx, candidate, &window, choice);
}

static size_t smaller_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Loads the endpoint, which in a write transaction locks it, and chooses. */
static enum err choose_deliveries(struct tx *tx, const struct lease_candidate *candidate, size_t room,
	struct choice *choice, moment *oldest)
{
	struct webhook_endpoint endpoint = { .id = candidate->id };
	size_t limit;

	*oldest = (moment){ 0 };
	choice->n = 0;
	const enum err e = store_load_webhook_endpoint(tx, &endpoint);
	if (e == ERR_NOT_FOUND || (e == OK && !webhook_endpoint_is_enabled(&endpoint)))
		return OK;
	TRY(e);
	limit = (size_t)webhook_in_flight_max(endpoint.failing_since);
	choice->max = candidate->in_flight < limit ? smaller_of(limit - candidate->in_flight, room) : 0;
	if (webhook_is_paused(endpoint.paused_until, world_now(choice->world)))
		choice->max = 0;
	TRY(choose_first_attempts(tx, candidate, choice, oldest));
	return choice->n < choice->max ? choose_retries(tx, candidate, choice) : OK;
}

static enum err new_choice(const struct world *world, struct tx *tx, struct choice **out)
{
	*out = arena_new(tx->arena, struct choice);
	if (!*out)
		return ERR_INTERNAL;
	(*out)->world = world;
	return store_clock(tx, &(*out)->store_now);
}

enum err delivery_lease_count(const struct world *world, struct tx *tx,
	const struct lease_candidate *candidate, size_t room, size_t *n, moment *oldest)
{
	const struct arena_mark before = arena_mark(tx->arena);
	struct choice *choice;

	TRY(new_choice(world, tx, &choice));
	TRY(choose_deliveries(tx, candidate, room, choice, oldest));
	*n = choice->n;
	arena_rewind(tx->arena, before);
	return OK;
}

struct lease_job {
	const struct world *world;
	struct lease_candidate candidates[LEASE_ENDPOINTS_MAX];
	size_t n, room;
	struct leased_deliveries *out;
};

static enum err lease_chosen(struct tx *tx, struct lease_job *job, struct choice *choice)
{
	for (size_t i = 0; i < choice->n; i++) {
		struct effect *const out = &job->out->rows[job->out->n];

		*out = choice->rows[i];
		effect_lease(out, &job->world->instance, choice->store_now, LEASE_DURATION);
		TRY(store_save_effect(tx, out));
		out->sealed_payload = out->sealed_excerpt = STR("");
		job->out->n++;
	}
	return OK;
}

static enum err lease_in_tx(struct tx *tx, void *arg)
{
	struct lease_job *const job = arg;
	struct choice *choice;
	moment oldest;

	job->out->n = 0;
	TRY(new_choice(job->world, tx, &choice));
	for (size_t i = 0; i < job->n && job->out->n < job->room; i++) {
		const struct arena_mark before = arena_mark(tx->arena);

		TRY(choose_deliveries(tx, &job->candidates[i], job->room - job->out->n, choice, &oldest));
		TRY(lease_chosen(tx, job, choice));
		arena_rewind(tx->arena, before);
	}
	return OK;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct lease_candidate *const x = a, *const y = b;

	return strcmp(x->id.text, y->id.text);
}

/* The endpoints are locked in the order of their ids, as everywhere, so that transactions of several
 * instances cannot deadlock. */
enum err delivery_lease(const struct world *world, struct arena *a, const struct lease_candidate *candidates,
	size_t n, size_t room, struct leased_deliveries *out)
{
	struct lease_job job = { .world = world, .n = n, .room = room, .out = out };

	assert(n <= LEASE_ENDPOINTS_MAX && room <= WEBHOOK_TRANSFERS_MAX);
	out->n = 0;
	if (n == 0 || room == 0)
		return OK;
	memcpy(job.candidates, candidates, n * sizeof(candidates[0]));
	qsort(job.candidates, n, sizeof(job.candidates[0]), compare_candidates);
	return store_transact(world->store, TX_WRITE, a, lease_in_tx, &job);
}
