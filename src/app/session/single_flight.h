/* Single flight: of several calls with the same key at the same time, one call does the work and the others
 * wait for its outcome. It is used so that parallel creates for one person cause only one call of the
 * provider. There are at most SINGLE_FLIGHTS_MAX flights at a time. An outcome is kept only for the calls
 * that are waiting for it. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

#define SINGLE_FLIGHTS_MAX 256
#define SINGLE_FLIGHT_OUTCOME 512 /* maximum size of an outcome in bytes */

struct single_flights;

enum err single_flights_open(struct single_flights **out) must_use;
void single_flights_close(struct single_flights *single_flights);

enum single_flight_verdict {
	SINGLE_FLIGHT_LEAD,    /* the caller does the work, then calls single_flight_finish */
	SINGLE_FLIGHT_DONE,    /* another call did the work: `outcome` is its outcome */
	SINGLE_FLIGHT_TIMEOUT, /* the other call took longer than `limit` */
	SINGLE_FLIGHT_FULL,    /* there are already SINGLE_FLIGHTS_MAX flights */
};

/* Joins the flight of this key, or starts a new flight. `key` is a user's id. `outcome` has room for `size`
 * bytes (at most SINGLE_FLIGHT_OUTCOME). */
enum single_flight_verdict single_flight_join(
	struct single_flights *single_flights, const char *key, duration limit, void *outcome, size_t size);
/* Passes the outcome of the leading call to all waiting calls. The next call with this key starts a new
 * flight. */
void single_flight_finish(
	struct single_flights *single_flights, const char *key, const void *outcome, size_t size);
/* Returns how many calls wait for the flight of this key. */
size_t single_flight_waiting(struct single_flights *single_flights, const char *key);
/* Sleeps until any flight finishes, at most `limit`. */
void single_flight_wait(struct single_flights *single_flights, duration limit);
