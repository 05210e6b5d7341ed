/* One caller does the work, the others who want the same wait for its outcome: parallel creates for one
 * person make one provider call. Bounded: FLIGHTS_MAX at once; a flight's outcome is remembered only for
 * those who joined it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

#define FLIGHTS_MAX 256
#define FLIGHT_OUTCOME 512 /* bytes of an outcome */

struct flights;

enum err flights_open(struct flights **out) must_use;
void flights_close(struct flights *flights);

enum flight_verdict {
	FLIGHT_LEAD, /* do it, then flight_land */
	FLIGHT_DONE, /* somebody did: `outcome` is theirs */
	FLIGHT_LATE, /* it took longer than `limit` */
	FLIGHT_FULL, /* too many at once */
};

/* `key` is a person's id; `outcome` has `size` bytes (at most FLIGHT_OUTCOME). */
enum flight_verdict flight_join(
	struct flights *flights, const char *key, duration limit, void *outcome, size_t size);
/* The leader's outcome, for all who joined; the next one who comes leads anew. */
void flight_land(struct flights *flights, const char *key, const void *outcome, size_t size);
/* How many wait for the flight of this key. */
size_t flight_waiting(struct flights *flights, const char *key);
/* Sleeps until some flight lands, at most `limit`. */
void flight_pause(struct flights *flights, duration limit);
