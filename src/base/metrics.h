/* The fixed list of what the program counts, in Prometheus's terms. A family has at most two labels; label
 * values are small numbers whose names are registered once, so that counting is one atomic add. Safe from any
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define METRIC_ROWS 64	  /* values of the first label; more fall into the last */
#define METRIC_COLUMNS 32 /* values of the second label; more fall into the last */

/* clang-format off */
/*        name        kind       Prometheus name                      label 1    label 2    help */
#define METRICS(METRIC)                                                                                            \
	METRIC(REQUESTS, COUNTER, "kycd_requests_total", "route", "status", "Requests answered")                  \
	METRIC(REQUEST_DURATION, HISTOGRAM, "kycd_request_duration_seconds", NULL, NULL, "Time from request to answer")        \
	METRIC(GROUP_SIZE, HISTOGRAM, "kycd_writer_group_size", NULL, NULL, "Jobs in one commit")                 \
	METRIC(COMMIT_DURATION, HISTOGRAM, "kycd_commit_duration_seconds", NULL, NULL, "Time of one durable commit")           \
	METRIC(QUEUE_DEPTH, GAUGE, "kycd_queue_depth", NULL, NULL, "Jobs waiting for the writer")                 \
	METRIC(OUTBOX_OLDEST, GAUGE, "kycd_outbox_oldest_seconds", NULL, NULL, "Age of the oldest unsent letter") \
	METRIC(OUTBOX_DELIVERIES, COUNTER, "kycd_outbox_deliveries_total", "kind", "outcome", "Deliveries from the outbox by kind and outcome")             \
	METRIC(PROVIDER_CALLS, COUNTER, "kycd_provider_calls_total", "call", "outcome", "Calls to the provider")  \
	METRIC(PROVIDER_OPEN, GAUGE, "kycd_provider_breaker_open", NULL, NULL,                                     \
		"1 while the provider is taken to be down, and asked only once in 5 s")                          \
	METRIC(STALE_SESSION_OLDEST, GAUGE, "kycd_session_stale_oldest_seconds", NULL, NULL,                            \
		"Time since the provider last told of the open session it has been silent about for longest")    \
	METRIC(QUOTA_USED, COLLECTED, "kycd_quota_used", "tenant", NULL, "Sessions of the current month (UTC)")        \
	METRIC(PROVIDER_EVENTS, COUNTER, "kycd_provider_events_total", "outcome", NULL, "Provider events by outcome")               \
	METRIC(CONNECTIONS, GAUGE, "kycd_connections", NULL, NULL, "Open connections")                            \
	METRIC(BAD_END_USERS, COUNTER, "kycd_end_user_address_malformed_total", NULL, NULL,                       \
		"X-End-User-Address headers that were no IP address")                                            \
	METRIC(WEAK, GAUGE, "kycd_weak_settings", NULL, NULL, "1 while KYCD_ALLOW_WEAK permits weak settings")

enum metric {
#define METRIC(name, kind, text, label1, label2, help) METRIC_##name,
	METRICS(METRIC)
#undef METRIC
	METRIC_COUNT
};
/* clang-format on */

/* Names value `index` of label `which` (0 or 1); static text. Unnamed values are not printed; one beyond the
 * last makes the last "other". */
void metric_label(enum metric m, int which, size_t index, const char *text);
void metric_add(enum metric m, size_t label1, size_t label2, int64_t n);
void metric_set(enum metric m, int64_t value);
/* Histograms: an observation, in microseconds for times and plain for sizes. */
void metric_observe(enum metric m, int64_t value);
/* Of a histogram: how many observations there were. */
int64_t metric_read(enum metric m, size_t label1, size_t label2);
/* Writes every family in Prometheus's text format 0.0.4. Every named counter is written from the start, also
 * while it is 0, so that increase() sees its first increment. The caller writes COLLECTED families itself:
 * header, then each row. */
void metrics_print(struct buf *out);
void metric_print_header(struct buf *out, enum metric m);
void metric_print_collected(struct buf *out, enum metric m, const char *label, int64_t value);
/* Everything back to zero, for tests. */
void metrics_reset(void);
