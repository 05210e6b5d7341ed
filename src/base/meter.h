/* The fixed list of what the program counts, in Prometheus's terms. A family has at most two labels; label
 * values are small numbers whose names are registered once, so that counting is one atomic add. Safe from any
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define METER_ROWS 64	 /* values of the first label; more fall into the last */
#define METER_COLUMNS 32 /* values of the second label; more fall into the last */

/* clang-format off */
/*        name        kind       Prometheus name                      label 1    label 2    help */
#define METERS(METER)                                                                                            \
	METER(REQUESTS, COUNTER, "kycd_requests_total", "route", "status", "Requests answered")                  \
	METER(REQUEST_TIME, HISTOGRAM, "kycd_request_seconds", NULL, NULL, "Time from request to answer")        \
	METER(GROUP_SIZE, HISTOGRAM, "kycd_writer_group_size", NULL, NULL, "Jobs in one commit")                 \
	METER(COMMIT_TIME, HISTOGRAM, "kycd_commit_seconds", NULL, NULL, "Time of one durable commit")           \
	METER(QUEUE_DEPTH, GAUGE, "kycd_queue_depth", NULL, NULL, "Jobs waiting for the writer")                 \
	METER(OUTBOX_OLDEST, GAUGE, "kycd_outbox_oldest_seconds", NULL, NULL, "Age of the oldest unsent letter") \
	METER(OUTBOX_SENT, COUNTER, "kycd_outbox_sent_total", "outcome", NULL, "Letters by outcome")             \
	METER(PROVIDER_CALLS, COUNTER, "kycd_provider_calls_total", "call", "outcome", "Calls to the provider")  \
	METER(PROVIDER_OPEN, GAUGE, "kycd_provider_breaker_open", NULL, NULL,                                     \
		"1 while the provider is taken to be down, and asked only once in 5 s")                          \
	METER(UNREAD_OLDEST, GAUGE, "kycd_session_unread_oldest_seconds", NULL, NULL,                            \
		"Time since the provider last told of the open session it has been silent about for longest")    \
	METER(QUOTA_USED, TOLD, "kycd_quota_used", "tenant", NULL, "Sessions of the current month (UTC)")        \
	METER(EVENTS, COUNTER, "kycd_events_total", "outcome", NULL, "Provider events by outcome")               \
	METER(CONNECTIONS, GAUGE, "kycd_connections", NULL, NULL, "Open connections")                            \
	METER(BAD_END_USERS, COUNTER, "kycd_end_user_address_malformed_total", NULL, NULL,                       \
		"X-End-User-Address headers that were no IP address")                                            \
	METER(WEAK, GAUGE, "kycd_weak_settings", NULL, NULL, "1 while KYCD_ALLOW_WEAK permits weak settings")

enum meter {
#define METER(name, kind, text, label1, label2, help) METER_##name,
	METERS(METER)
#undef METER
	METER_COUNT
};
/* clang-format on */

/* Names value `index` of label `which` (0 or 1); static text. Unnamed values are not printed; one beyond the
 * last makes the last "other". */
void meter_label(enum meter m, int which, size_t index, const char *text);
void meter_add(enum meter m, size_t label1, size_t label2, int64_t n);
void meter_set(enum meter m, int64_t value);
/* Histograms: an observation, in microseconds for times and plain for sizes. */
void meter_observe(enum meter m, int64_t value);
/* Of a histogram: how many observations there were. */
int64_t meter_read(enum meter m, size_t label1, size_t label2);
/* All of it in Prometheus's text format 0.0.4. Families with two labels leave out what is zero; told ones
 * (gauges whose rows are not counted here, but brought by who prints) are left out: head, then each row. */
void meter_print(struct buf *out);
void meter_print_head(struct buf *out, enum meter m);
void meter_print_told(struct buf *out, enum meter m, const char *label, int64_t value);
/* Everything back to zero, for tests. */
void meter_reset(void);
