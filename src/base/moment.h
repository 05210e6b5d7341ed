/* Points in time and durations as values: `moment` is Unix time in milliseconds, `duration` is a length of
 * time in milliseconds. This module reads no clock. In database rows the moment 0 means "not set". The
 * calendar is the proleptic Gregorian one in UTC, years 1970 to 9999. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

typedef struct {
	int64_t ms;
} moment;

typedef struct {
	int64_t ms;
} duration;

static inline duration milliseconds(int64_t n)
{
	return (duration){ n };
}
static inline duration seconds(int64_t n)
{
	return (duration){ n * 1000 };
}
static inline duration minutes(int64_t n)
{
	return (duration){ n * 60000 };
}
static inline duration hours(int64_t n)
{
	return (duration){ n * 3600000 };
}
static inline duration days(int64_t n)
{
	return (duration){ n * 86400000 };
}
static inline duration duration_mul(duration s, int64_t n)
{
	return (duration){ s.ms * n };
}
static inline moment moment_add(moment t, duration d)
{
	return (moment){ t.ms + d.ms };
}
static inline moment moment_sub(moment t, duration d)
{
	return (moment){ t.ms - d.ms };
}
/* Time from `from` to `to`; negative if `from` is later. */
static inline duration moment_diff(moment from, moment to)
{
	return (duration){ to.ms - from.ms };
}
/* Returns whether `a` is earlier than `b`. */
static inline bool moment_is_before(moment a, moment b)
{
	return a.ms < b.ms;
}
static inline bool duration_is_shorter(duration a, duration b)
{
	return a.ms < b.ms;
}
static inline bool moment_is_unset(moment t)
{
	return t.ms == 0;
}
/* Returns the duration in whole seconds, rounded up and at least 1, for a Retry-After header. */
int64_t duration_seconds_up(duration s);

/* The functions below write a moment as text with a final NUL. A moment before 1970 or after 9999 is written
 * as the first or last moment of that range. */

/* The format of RFC 3339, e.g. "2026-01-05T10:00:00.000Z". */
#define MOMENT_RFC3339_SIZE 25
void moment_rfc3339(moment t, char out[MOMENT_RFC3339_SIZE]);
/* The format of RFC 5322, e.g. "Mon, 05 Jan 2026 10:00:00 +0000". */
#define MOMENT_RFC5322_SIZE 32
void moment_rfc5322(moment t, char out[MOMENT_RFC5322_SIZE]);
/* The time of day for texts that people read, e.g. "10:05 UTC". */
#define MOMENT_CLOCK_SIZE 10
void moment_clock(moment t, char out[MOMENT_CLOCK_SIZE]);
/* The day in UTC in the form of ISO 8601, which people of every language can read: "2026-01-05". */
#define MOMENT_DATE_SIZE 11
void moment_date(moment t, char out[MOMENT_DATE_SIZE]);
/* Returns year and month in UTC as a number, e.g. 202601. It is the period of a monthly quota. */
int64_t moment_month(moment t);
/* Parses RFC 3339 with `Z` or an offset and 0 to 9 fraction digits. Digits finer than a millisecond are
 * dropped, and a leap second is read as the next second. On failure returns false and leaves `out`
 * unchanged. */
bool moment_parse(struct str s, moment *out);
/* Parses a duration: `90` (seconds), `90s`, `10m`, `12h` or `30d`, from 1 to 2,147,483,647 units. On failure
 * returns false and leaves `out` unchanged. */
bool duration_parse(struct str s, duration *out);
