#include "store/postgres/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"

/* What the thread of a request has to do. */
enum batch_request_state {
	REQUEST_LEADS,	  /* send a statement for itself and for waiting requests */
	REQUEST_ANSWERED, /* nothing: a leader has set the result */
	REQUEST_ALONE,	  /* send its query alone */
	REQUEST_FAILED,	  /* nothing: a leader has set the failure */
};

/* A call of batch_run, on the stack of its thread. */
struct batch_request {
	struct batch_request *next;
	struct postgres **connection;
	const struct batch_query *query;
	struct batch_result *out;
	struct postgres_failure *failure;
	bool taken; /* protected by the lock; if true, a leader will set `state` and the latch */
	enum batch_request_state state;
	struct latch decided; /* set when `state` is valid */
};

struct batch {
	duration timeout;
	struct lock lock;
	/* The lock protects: */
	struct batch_request *waiting, **end; /* list of waiting requests; where the next is appended */
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

/* The caller holds the lock in the next three functions. */
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

/* Removes the request that has waited longest from the queue. NULL: none waits. */
static struct batch_request *take_request(struct batch *b)
{
	struct batch_request *const r = b->waiting;

	if (r == NULL)
		return NULL;
	dequeue_request(b, r);
	r->taken = true;
	return r;
}

/* Wakes the thread of a request that was taken. */
static void decide_request(struct batch_request *r, enum batch_request_state state)
{
	r->state = state;
	latch_set(&r->decided);
}

/* Adds the waiting requests to the leader's (all[0]), up to the first that runs another statement. */
static size_t gather_requests(struct batch *b, struct batch_request *all[BATCH_MAX])
{
	size_t n = 1;

	lock_acquire(&b->lock);
	while (n < BATCH_MAX && b->waiting != NULL && b->waiting->query->what == all[0]->query->what)
		all[n++] = take_request(b);
	lock_release(&b->lock);
	return n;
}

/* Assigns to each request the rows that have its number in the first column; rows are sorted by it. */
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

/* Runs the queries of all requests as one statement on the connection of the first. */
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

/* Makes the next waiting request the leader in place of `leader`. */
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

/* SQLSTATEs, or their beginnings, of errors that every query would get: the database is read-only, the
 * statement is wrong, the server has run out of a resource, a time limit was reached. */
static const char *const errors_for_all[] = { "25006", "42", "53", "55P03", "57014" };

/* False: the failure is due to one query or to the leader's connection, and the other queries may succeed. */
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

/* The next leader is woken before the other requests of this statement: they may be more than there are
 * processors, and the server would be idle meanwhile. */
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

/* Returns true if the request may lead at once; otherwise puts it into the queue. */
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

/* A waiting thread gets batch priority, so that it does not interrupt the leader that wakes it: the leader
 * has other threads to wake. */
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
