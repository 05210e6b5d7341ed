#include "app/session/single_flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/str.h"
#include "domain/id.h"

struct flight {
	char key[ID_SIZE]; /* empty: the entry is free */
	size_t waiting;
	bool has_finished;
	struct cond finished; /* signalled for the calls that wait for this flight */
	unsigned char outcome[SINGLE_FLIGHT_OUTCOME];
};

struct single_flights {
	struct lock lock;
	struct cond any_finished;
	struct flight flights[SINGLE_FLIGHTS_MAX];
};

enum err single_flights_open(struct single_flights **out)
{
	struct single_flights *const single_flights = calloc(1, sizeof(*single_flights));

	if (!single_flights)
		return ERR_INTERNAL;
	lock_init(&single_flights->lock);
	cond_init(&single_flights->any_finished);
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++)
		cond_init(&single_flights->flights[i].finished);
	*out = single_flights;
	return OK;
}

void single_flights_close(struct single_flights *single_flights)
{
	if (!single_flights)
		return;
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++)
		cond_finish(&single_flights->flights[i].finished);
	cond_finish(&single_flights->any_finished);
	lock_finish(&single_flights->lock);
	free(single_flights);
}

/* Returns the unfinished flight with this key; NULL if there is none. With the key "", returns a free entry.
 * A finished flight remains only until all waiting calls have read its outcome. */
static struct flight *find_flight(struct single_flights *single_flights, const char *key)
{
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++) {
		struct flight *const f = &single_flights->flights[i];

		if (!f->has_finished && strcmp(f->key, key) == 0)
			return f;
	}
	return NULL;
}

static void free_flight(struct flight *f)
{
	f->key[0] = '\0';
	f->has_finished = false;
}

static void leave_flight(struct flight *f)
{
	if (--f->waiting == 0 && f->has_finished)
		free_flight(f);
}

static enum single_flight_verdict wait_for_outcome(
	struct single_flights *single_flights, struct flight *f, duration limit, void *outcome, size_t size)
{
	f->waiting++;
	while (!f->has_finished)
		if (!cond_wait_for(&f->finished, &single_flights->lock, limit) && !f->has_finished) {
			leave_flight(f);
			return SINGLE_FLIGHT_TIMEOUT;
		}
	memcpy(outcome, f->outcome, size);
	leave_flight(f);
	return SINGLE_FLIGHT_DONE;
}

enum single_flight_verdict single_flight_join(
	struct single_flights *single_flights, const char *key, duration limit, void *outcome, size_t size)
{
	enum single_flight_verdict verdict = SINGLE_FLIGHT_LEAD;

	assert(size <= SINGLE_FLIGHT_OUTCOME && key[0] != '\0');
	lock_acquire(&single_flights->lock);
	struct flight *f = find_flight(single_flights, key);
	if (f) {
		verdict = wait_for_outcome(single_flights, f, limit, outcome, size);
	} else {
		f = find_flight(single_flights, "");
		if (!f || !str_copy_to(str_of(key), f->key, sizeof(f->key)))
			verdict = SINGLE_FLIGHT_FULL;
	}
	lock_release(&single_flights->lock);
	return verdict;
}

void single_flight_finish(
	struct single_flights *single_flights, const char *key, const void *outcome, size_t size)
{
	assert(size <= SINGLE_FLIGHT_OUTCOME);
	lock_acquire(&single_flights->lock);
	struct flight *const f = find_flight(single_flights, key);
	assert(f);
	memcpy(f->outcome, outcome, size);
	f->has_finished = true;
	cond_broadcast(&f->finished);
	cond_broadcast(&single_flights->any_finished);
	if (f->waiting == 0)
		free_flight(f);
	lock_release(&single_flights->lock);
}

size_t single_flight_waiting(struct single_flights *single_flights, const char *key)
{
	lock_acquire(&single_flights->lock);
	const struct flight *const f = find_flight(single_flights, key);
	const size_t waiting = f ? f->waiting : 0;
	lock_release(&single_flights->lock);
	return waiting;
}

void single_flight_wait(struct single_flights *single_flights, duration limit)
{
	lock_acquire(&single_flights->lock);
	(void)cond_wait_for(&single_flights->any_finished, &single_flights->lock, limit);
	lock_release(&single_flights->lock);
}
