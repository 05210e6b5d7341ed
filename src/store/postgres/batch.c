#include "store/postgres/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"

/* What the thread of a request must do. */
enum batch_request_state {
	REQUEST_LEADS,	  /* it sends a statement for its own request and for waiting requests */
	REQUEST_ANSWERED, /* it does nothing, because a leader has set the result */
	REQUEST_ALONE,	  /* it sends its query alone */
	REQUEST_FAILED,	  /* it does nothing, because a leader has set the failure */
};

/* One call of batch_run. It is on the stack of the calling thread. */
struct batch_request {
	struct batch_request *next;
	struct postgres **connection;
	const struct batch_query *query;
	struct batch_result *out;
	struct postgres_failure *failure;
	bool taken; /* protected by the lock; if true, a leader will set `state` and `decided` */
	enum batch_request_state state;
	struct latch decided; /* set when `state` is valid */
};

struct batch {
	duration timeout;
	struct lock lock;
	/* The lock protects: */
	/* `waiting` is the first request of the queue; `end` points to where the next request is appended. */
	struct batch_request *waiting, **end;
	size_t n_waiting, leaders;
};

enum err batch_open(duration timeout, struct batch **out)
{
	struct batch *const b = calloc(1, sizeof(*b));

	if (b == NULL)
		return ERR_INTERNAL;
	b->timeout = timeout;
	b->end = &b->waiting;
	lock_init(&b->lock);
	*out = b;
	return OK;
}

void batch_close(struct batch *b)
{
	if (b == NULL)
		return;
	assert(b->leaders == 0 && b->n_waiting == 0);
	lock_finish(&b->lock);
	free(b);
}

/* The caller of enqueue_request, dequeue_request and take_request must hold the lock. */
static void enqueue_request(struct batch *b, struct batch_request *r)
{
	*b->end = r;
	b->end = &r->next;
	b->n_waiting++;
}

static void dequeue_request(struct batch *b, struct batch_request *r)
{
	struct batch_request **at = &b->waiting;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	if (*at == NULL)
		b->end = at;
	b->n_waiting--;
}

/* Removes the oldest request from the queue and returns it. Returns NULL if the queue is empty. */
static struct batch_request *take_request(struct batch *b)
{
	struct batch_request *const r = b->waiting;

	if (r == NULL)
		return NULL;
	dequeue_request(b, r);
	r->taken = true;
	return r;
}

/* Sets the state of a request that was taken from the queue, and wakes its thread. */
static void decide_request(struct batch_request *r, enum batch_request_state state)
{
	r->state = state;
	latch_set(&r->decided);
}

/* Takes requests from the queue and appends them to `all`, whose first element is the leader. Stops at a
 * request with another statement. Returns the number of requests in `all`. */
static size_t gather_requests(struct batch *b, struct batch_request *all[BATCH_MAX])
{
	size_t n = 1;

	lock_acquire(&b->lock);
	while (n < BATCH_MAX && b->waiting != NULL && b->waiting->query->what == all[0]->query->what)
		all[n++] = take_request(b);
	lock_release(&b->lock);
	return n;
}

/* Assigns to each request its rows. The rows are sorted by their first column, which is the number of the
 * request. */
static enum err assign_rows(
	struct batch_request *const all[BATCH_MAX], size_t n, const struct postgres_result *result)
{
	size_t row = 0;

	for (size_t i = 0; i < n; i++) {
		struct postgres_result *const own = &all[i]->out->rows;

		*own = (struct postgres_result){ .pg_result = result->pg_result, .first = row };
		while (row < result->rows &&
			postgres_number_read(postgres_value(result, row, 0)) == (int64_t)i + 1)
			row++;
		own->rows = row - own->first;
		if (own->rows == 0)
			return ERR_STORAGE;
	}
	return row == result->rows ? OK : ERR_STORAGE;
}

/* Runs the queries of all requests as one statement, on the connection of the first request. */
static enum err run_requests(
	struct batch_request *const all[BATCH_MAX], size_t n, struct postgres_failure *failure)
{
	struct postgres *const connection = *all[0]->connection;
	const void *probes[BATCH_MAX];
	struct postgres_arrays arrays;
	struct postgres_result result;
	struct postgres_shared *shared;

	*failure = (struct postgres_failure){ .lost = false };
	for (size_t i = 0; i < n; i++)
		probes[i] = all[i]->query->probe;
	if (!postgres_arrays_write(all[0]->query->what, probes, n, &arrays))
		return ERR_INTERNAL;
	postgres_send(connection, all[0]->query->name, &arrays.parameters);
	TRY(postgres_round_trip(connection, &result, failure));
	TRY(assign_rows(all, n, &result));
	shared = postgres_share_result(connection, n);
	for (size_t i = 0; i < n; i++)
		all[i]->out->shared = shared;
	return shared != NULL ? OK : ERR_INTERNAL;
}

static enum err run_alone(struct batch_request *r)
{
	struct batch_request *const all[BATCH_MAX] = { r };

	return run_requests(all, 1, r->failure);
}

static void swap_connections(struct batch_request *a, struct batch_request *b)
{
	struct postgres *const connection = *a->connection;

	*a->connection = *b->connection;
	*b->connection = connection;
}

/* Makes the oldest waiting request the new leader. It gets the connection of the old one if that is still
 * good. */
static void pass_leadership(struct batch *b, struct batch_request *leader, bool connection_is_good)
{
	struct batch_request *next;

	lock_acquire(&b->lock);
	next = take_request(b);
	b->leaders -= next == NULL;
	lock_release(&b->lock);
	if (next == NULL)
		return;
	if (connection_is_good)
		swap_connections(leader, next);
	decide_request(next, REQUEST_LEADS);
}

/* SQLSTATEs, or prefixes of them, of errors that every query would get: the database is read-only, the
 * statement is wrong, the server has run out of a resource, or a time limit was reached. */
static const char *const errors_for_all[] = { "25006", "42", "53", "55P03", "57014" };

/* Returns whether every query of the statement would fail in the same way. If false, the cause is one query
 * or the leader's connection, and the other queries may succeed. */
static bool failure_affects_all(const struct postgres_failure *failure)
{
	if (failure->lost)
		return failure->timed_out;
	for (size_t i = 0; i < array_len(errors_for_all); i++) {
		if (strncmp(failure->sqlstate, errors_for_all[i], strlen(errors_for_all[i])) == 0)
			return true;
	}
	return false;
}

/* Runs the statement of a leader. Wakes the next leader before the other requests of this statement: waking
 * all of these takes time, during which the server would be idle. */
static enum err lead(struct batch *b, struct batch_request *leader)
{
	struct batch_request *all[BATCH_MAX] = { leader };
	const size_t n = gather_requests(b, all);
	const enum err e = run_requests(all, n, leader->failure);
	const bool affects_all = e != OK && failure_affects_all(leader->failure);

	pass_leadership(b, leader, e == OK);
	for (size_t i = 1; i < n; i++) {
		if (affects_all)
			*all[i]->failure = *leader->failure;
		decide_request(all[i], e == OK	     ? REQUEST_ANSWERED
				       : affects_all ? REQUEST_FAILED
						     : REQUEST_ALONE);
	}
	return e != OK && !affects_all && !leader->failure->lost && n > 1 ? run_alone(leader) : e;
}

/* Returns true if the request can become a leader at once. Otherwise adds it to the queue and returns
 * false. */
static bool lead_or_enqueue(struct batch *b, struct batch_request *r)
{
	bool leads;

	lock_acquire(&b->lock);
	leads = b->leaders < BATCH_LEADERS;
	if (leads)
		b->leaders++;
	else
		enqueue_request(b, r);
	lock_release(&b->lock);
	return leads;
}

/* Waits until a leader has decided about the request. Gives the waiting thread batch priority, so that it
 * does not preempt the leader that wakes it and still has other threads to wake. */
static enum batch_request_state wait_for_leader(struct batch *b, struct batch_request *r)
{
	bool taken;

	if (lead_or_enqueue(b, r))
		return REQUEST_LEADS;
	thread_set_batch_priority(true);
	if (latch_wait_for(&r->decided, b->timeout))
		return r->state;
	lock_acquire(&b->lock);
	taken = r->taken;
	if (!taken)
		dequeue_request(b, r);
	lock_release(&b->lock);
	if (!taken)
		return REQUEST_ALONE;
	latch_wait(&r->decided);
	return r->state;
}

enum err batch_run(struct batch *b, struct postgres **connection, const struct batch_query *query,
	struct batch_result *out, struct postgres_failure *failure)
{
	struct batch_request r = { .connection = connection, .query = query, .out = out, .failure = failure };

	assert(postgres_sends_left(*connection) == POSTGRES_ROUND_TRIP_MAX);
	switch (b != NULL ? wait_for_leader(b, &r) : REQUEST_ALONE) {
	case REQUEST_LEADS:
		return lead(b, &r);
	case REQUEST_ANSWERED:
		return OK;
	case REQUEST_ALONE:
		return run_alone(&r);
	case REQUEST_FAILED:
		break;
	}
	return ERR_STORAGE;
}

size_t batch_waiting(struct batch *b)
{
	size_t n;

	lock_acquire(&b->lock);
	n = b->n_waiting;
	lock_release(&b->lock);
	return n;
}
