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
	unsigned char outcome[FLIGHT_OUTCOME];
};

struct flights {
	struct lock lock;
	struct signal landed;
	struct flight places[FLIGHTS_MAX];
};

enum err flights_open(struct flights **out)
{
	struct flights *const flights = calloc(1, sizeof(*flights));

	if (!flights)
		return ERR_INTERNAL;
	lock_init(&flights->lock);
	signal_init(&flights->landed);
	*out = flights;
	return OK;
}

void flights_close(struct flights *flights)
{
	if (!flights)
		return;
	signal_finish(&flights->landed);
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

static void leave(struct flight *f)
{
	if (--f->waiting == 0 && f->landed)
		*f = (struct flight){ 0 };
}

static enum flight_verdict wait_for(
	struct flights *flights, struct flight *f, span limit, void *outcome, size_t size)
{
	f->waiting++;
	while (!f->landed)
		if (!signal_wait(&flights->landed, &flights->lock, limit) && !f->landed) {
			leave(f);
			return FLIGHT_LATE;
		}
	memcpy(outcome, f->outcome, size);
	leave(f);
	return FLIGHT_DONE;
}

enum flight_verdict flight_join(
	struct flights *flights, const char *key, span limit, void *outcome, size_t size)
{
	enum flight_verdict verdict = FLIGHT_LEAD;

	assert(size <= FLIGHT_OUTCOME && key[0] != '\0');
	lock_take(&flights->lock);
	struct flight *f = find(flights, key);
	if (f) {
		verdict = wait_for(flights, f, limit, outcome, size);
	} else {
		f = find(flights, "");
		if (!f || !str_copy_to(str_of(key), f->key, sizeof(f->key)))
			verdict = FLIGHT_FULL;
	}
	lock_give(&flights->lock);
	return verdict;
}

void flight_land(struct flights *flights, const char *key, const void *outcome, size_t size)
{
	assert(size <= FLIGHT_OUTCOME);
	lock_take(&flights->lock);
	struct flight *const f = find(flights, key);
	assert(f);
	memcpy(f->outcome, outcome, size);
	f->landed = true;
	if (f->waiting == 0)
		*f = (struct flight){ 0 };
	signal_all(&flights->landed);
	lock_give(&flights->lock);
}

void flight_pause(struct flights *flights, span limit)
{
	lock_take(&flights->lock);
	(void)signal_wait(&flights->landed, &flights->lock, limit);
	lock_give(&flights->lock);
}
