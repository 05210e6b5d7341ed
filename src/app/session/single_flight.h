/* One caller does the work, the others who want the same wait for its outcome: parallel creates for one
 * person make one provider call. Bounded: SINGLE_FLIGHTS_MAX at once; a flight's outcome is remembered only
 * for those who joined it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

#define SINGLE_FLIGHTS_MAX 256
#define SINGLE_FLIGHT_OUTCOME 512 /* bytes of an outcome */

struct single_flights;

enum err single_flights_open(struct single_flights **out) must_use;
void single_flights_close(struct single_flights *single_flights);

enum single_flight_verdict {
	SINGLE_FLIGHT_LEAD,    /* do it, then single_flight_finish */
	SINGLE_FLIGHT_DONE,    /* somebody did: `outcome` is theirs */
	SINGLE_FLIGHT_TIMEOUT, /* it took longer than `limit` */
	SINGLE_FLIGHT_FULL,    /* too many at once */
};

/* `key` is a person's id; `outcome` has `size` bytes (at most SINGLE_FLIGHT_OUTCOME). */
enum single_flight_verdict single_flight_join(
	struct single_flights *single_flights, const char *key, duration limit, void *outcome, size_t size);
/* The leader's outcome, for all who joined; the next one who comes leads anew. */
void single_flight_finish(
	struct single_flights *single_flights, const char *key, const void *outcome, size_t size);
/* How many wait for the flight of this key. */
size_t single_flight_waiting(struct single_flights *single_flights, const char *key);
/* Sleeps until some flight lands, at most `limit`. */
void single_flight_wait(struct single_flights *single_flights, duration limit);
