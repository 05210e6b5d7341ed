#include "app/flight.h"

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
	unsigned char outcome[FLIGHT_OUTCOME];
};

struct flights {
	struct lock lock;
	struct cond any_down;
	struct flight places[FLIGHTS_MAX];
};

enum err flights_open(struct flights **out)
{
	struct flights *const flights = calloc(1, sizeof(*flights));

	if (!flights)
		return ERR_INTERNAL;
	lock_init(&flights->lock);
	cond_init(&flights->any_down);
	for (size_t i = 0; i < FLIGHTS_MAX; i++)
		cond_init(&flights->places[i].down);
	*out = flights;
	return OK;
}

void flights_close(struct flights *flights)
{
	if (!flights)
		return;
	for (size_t i = 0; i < FLIGHTS_MAX; i++)
		cond_finish(&flights->places[i].down);
	cond_finish(&flights->any_down);
	lock_finish(&flights->lock);
	free(flights);
}

/* The flight of this key that is still in the air; a landed one is only there for those who wait on it. */
static struct flight *find(struct flights *flights, const char *key)
{
	for (size_t i = 0; i < FLIGHTS_MAX; i++) {
		struct flight *const f = &flights->places[i];

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

static enum flight_verdict wait_for(
	struct flights *flights, struct flight *f, duration limit, void *outcome, size_t size)
{
	f->waiting++;
	while (!f->landed)
		if (!cond_wait_for(&f->down, &flights->lock, limit) && !f->landed) {
			leave(f);
			return FLIGHT_LATE;
		}
	memcpy(outcome, f->outcome, size);
	leave(f);
	return FLIGHT_DONE;
}

enum flight_verdict flight_join(
	struct flights *flights, const char *key, duration limit, void *outcome, size_t size)
{
	enum flight_verdict verdict = FLIGHT_LEAD;

	assert(size <= FLIGHT_OUTCOME && key[0] != '\0');
	lock_acquire(&flights->lock);
	struct flight *f = find(flights, key);
	if (f) {
		verdict = wait_for(flights, f, limit, outcome, size);
	} else {
		f = find(flights, "");
		if (!f || !str_copy_to(str_of(key), f->key, sizeof(f->key)))
			verdict = FLIGHT_FULL;
	}
	lock_release(&flights->lock);
	return verdict;
}

void flight_land(struct flights *flights, const char *key, const void *outcome, size_t size)
{
	assert(size <= FLIGHT_OUTCOME);
	lock_acquire(&flights->lock);
	struct flight *const f = find(flights, key);
	assert(f);
	memcpy(f->outcome, outcome, size);
	f->landed = true;
	cond_broadcast(&f->down);
	cond_broadcast(&flights->any_down);
	if (f->waiting == 0)
		make_free(f);
	lock_release(&flights->lock);
}

size_t flight_waiting(struct flights *flights, const char *key)
{
	lock_acquire(&flights->lock);
	const struct flight *const f = find(flights, key);
	const size_t waiting = f ? f->waiting : 0;
	lock_release(&flights->lock);
	return waiting;
}

void flight_pause(struct flights *flights, duration limit)
{
	lock_acquire(&flights->lock);
	(void)cond_wait_for(&flights->any_down, &flights->lock, limit);
	lock_release(&flights->lock);
}
