#include "app/session/single_flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/lock.h"
#include "base/str.h"
#include "domain/id.h"

struct flight {
	char key[ID_SIZE]; /* empty: the place is free */
	size_t waiting;
	bool landed;
	struct cond down; /* of this flight alone: others' landings wake nobody who waits for it */
	unsigned char outcome[SINGLE_FLIGHT_OUTCOME];
};

struct single_flights {
	struct lock lock;
	struct cond any_down;
	struct flight places[SINGLE_FLIGHTS_MAX];
};

enum err single_flights_open(struct single_flights **out)
{
	struct single_flights *const single_flights = calloc(1, sizeof(*single_flights));

	if (!single_flights)
		return ERR_INTERNAL;
	lock_init(&single_flights->lock);
	cond_init(&single_flights->any_down);
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++)
		cond_init(&single_flights->places[i].down);
	*out = single_flights;
	return OK;
}

void single_flights_close(struct single_flights *single_flights)
{
	if (!single_flights)
		return;
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++)
		cond_finish(&single_flights->places[i].down);
	cond_finish(&single_flights->any_down);
	lock_finish(&single_flights->lock);
	free(single_flights);
}

/* The flight of this key that is still in the air; a landed one is only there for those who wait on it. */
static struct flight *find(struct single_flights *single_flights, const char *key)
{
	for (size_t i = 0; i < SINGLE_FLIGHTS_MAX; i++) {
		struct flight *const f = &single_flights->places[i];

		if (!f->landed && strcmp(f->key, key) == 0)
			return f;
	}
	return NULL;
}

static void make_free(struct flight *f)
{
	f->key[0] = '\0';
	f->landed = false;
}

static void leave(struct flight *f)
{
	if (--f->waiting == 0 && f->landed)
		make_free(f);
}

static enum single_flight_verdict wait_for(
	struct single_flights *single_flights, struct flight *f, duration limit, void *outcome, size_t size)
{
	f->waiting++;
	while (!f->landed)
		if (!cond_wait_for(&f->down, &single_flights->lock, limit) && !f->landed) {
			leave(f);
			return SINGLE_FLIGHT_TIMEOUT;
		}
	memcpy(outcome, f->outcome, size);
	leave(f);
	return SINGLE_FLIGHT_DONE;
}

enum single_flight_verdict single_flight_join(
	struct single_flights *single_flights, const char *key, duration limit, void *outcome, size_t size)
{
	enum single_flight_verdict verdict = SINGLE_FLIGHT_LEAD;

	assert(size <= SINGLE_FLIGHT_OUTCOME && key[0] != '\0');
	lock_acquire(&single_flights->lock);
	struct flight *f = find(single_flights, key);
	if (f) {
		verdict = wait_for(single_flights, f, limit, outcome, size);
	} else {
		f = find(single_flights, "");
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
	struct flight *const f = find(single_flights, key);
	assert(f);
	memcpy(f->outcome, outcome, size);
	f->landed = true;
	cond_broadcast(&f->down);
	cond_broadcast(&single_flights->any_down);
	if (f->waiting == 0)
		make_free(f);
	lock_release(&single_flights->lock);
}

size_t single_flight_waiting(struct single_flights *single_flights, const char *key)
{
	lock_acquire(&single_flights->lock);
	const struct flight *const f = find(single_flights, key);
	const size_t waiting = f ? f->waiting : 0;
	lock_release(&single_flights->lock);
	return waiting;
}

void single_flight_wait(struct single_flights *single_flights, duration limit)
{
	lock_acquire(&single_flights->lock);
	(void)cond_wait_for(&single_flights->any_down, &single_flights->lock, limit);
	lock_release(&single_flights->lock);
}
