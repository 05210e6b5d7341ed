/* Time as a value: a moment is Unix time in milliseconds, a span is a length in milliseconds. No clock in
 * here. The moment 0 stands for "never" in rows. Calendar: proleptic Gregorian, UTC, years 1970 to 9999. */
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
/* How long `from` was before `to`; negative when it was later. */
static inline duration moment_diff(moment from, moment to)
{
	return (duration){ to.ms - from.ms };
}
/* a < b */
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
/* Whole seconds, rounded up, at least 1: what Retry-After says. */
int64_t duration_seconds_up(duration s);

/* What lies outside the calendar is written as its nearest end.
 * "2026-01-05T10:00:00.000Z" (RFC 3339). `out` has room for the final 0. */
#define MOMENT_RFC3339_SIZE 25
void moment_rfc3339(moment t, char out[MOMENT_RFC3339_SIZE]);
/* "Mon, 05 Jan 2026 10:00:00 +0000" (RFC 5322). */
#define MOMENT_RFC5322_SIZE 32
void moment_rfc5322(moment t, char out[MOMENT_RFC5322_SIZE]);
/* "10:05 UTC", for people. */
#define MOMENT_CLOCK_SIZE 10
void moment_clock(moment t, char out[MOMENT_CLOCK_SIZE]);
/* Year and month as 202601: what a monthly quota counts in. */
int64_t moment_month(moment t);
/* Reads RFC 3339 with `Z` or an offset and 0 to 9 fraction digits (what is finer than a millisecond is
 * dropped; a leap second is the second after it). False leaves `out` alone. */
bool moment_parse(struct str s, moment *out);
/* Whole durations: `90` (seconds), `90s`, `10m`, `12h`, `30d`, 1 to 2,147,483,647 of the unit. False leaves
 * `out` alone. */
bool duration_parse(struct str s, duration *out);
