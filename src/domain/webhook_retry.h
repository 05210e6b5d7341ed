/* When a webhook delivery is tried again, how long an endpoint is paused, when kycd stops delivering to it,
 * and how many deliveries may be in flight (spec/events.md 2). Pure: the caller passes the moments, by the
 * movable clock, and stores the results. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"

/* The first attempt and nine retries. */
#define WEBHOOK_ATTEMPTS_MAX 10
/* A longer `Retry-After` of an endpoint is shortened to this. */
#define WEBHOOK_PAUSE_MAX hours(24)
/* After nothing but failures for this long, kycd stops delivering to the endpoint. */
#define WEBHOOK_FAILING_MAX days(5)
/* Deliveries to one endpoint that may be in flight at the same time, per instance. */
#define WEBHOOK_IN_FLIGHT_MAX 8
#define WEBHOOK_IN_FLIGHT_AFTER_FAILURE 1

/* Returns the delay after attempt number `attempts` (1 to WEBHOOK_ATTEMPTS_MAX - 1) failed. `jitter` is a
 * random byte that changes the delay by up to ±20 %. */
duration webhook_retry_delay(int64_t attempts, unsigned char jitter);

/* What is done with a delivery whose attempt failed. */
struct webhook_retry {
	bool failed;   /* there is no further attempt */
	moment due_at; /* if not `failed`: when the next attempt is made */
};

/* Decides on a delivery after attempt number `attempts` failed at `now`. The next attempt is not made before
 * `paused_until`, the end of the endpoint's pause (0: none). */
struct webhook_retry webhook_retry_after_failure(
	int64_t attempts, unsigned char jitter, moment now, moment paused_until);

/* Returns until when an endpoint is paused whose answer had a `Retry-After` of `wait` (0 or less: none). The
 * pause holds for all of the endpoint's deliveries. It does not shorten a pause until `paused_until` (0:
 * none) that an earlier answer asked for. */
moment webhook_pause(moment paused_until, moment now, duration wait);
bool webhook_is_paused(moment paused_until, moment now);

/* Returns whether an attempt with this HTTP status succeeded. An attempt without a complete answer did not,
 * whatever its status. */
bool webhook_is_success(int http_status);

/* Returns the moment of the first failure after the last success, once an attempt has failed at `now`.
 * `failing_since` is what it was before; 0: the last attempt succeeded, or there was none. */
moment webhook_failing_from(moment failing_since, moment now);

enum webhook_health {
	WEBHOOK_HEALTH_USABLE,
	WEBHOOK_HEALTH_GONE,	/* it answered 410: it wants no more deliveries */
	WEBHOOK_HEALTH_FAILING, /* nothing but failures for WEBHOOK_FAILING_MAX */
};

/* Judges an endpoint after an attempt failed at `now`. `http_status` is 0 if there was no answer;
 * `failing_since` is the result of webhook_failing_from. */
enum webhook_health webhook_health_after_failure(int http_status, moment failing_since, moment now);

/* Returns how many deliveries to the endpoint may be in flight: only one from a failure until the next
 * success. `failing_since` is 0 if the last attempt succeeded. */
int64_t webhook_in_flight_max(moment failing_since);
