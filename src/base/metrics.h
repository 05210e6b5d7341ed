/* Metrics in Prometheus's terms: a fixed list of families with at most two labels each. Label values are
 * small indexes whose texts are registered once, so that counting is a single atomic addition. Thread-safe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define METRIC_ROWS 96	  /* values of the first label; larger indexes count as the last one */
#define METRIC_COLUMNS 32 /* values of the second label; larger indexes count as the last one */

/* clang-format off */
/* Columns: name, kind, Prometheus name, label 1, label 2, help text. */
#define METRICS(METRIC)                                                                                            \
	METRIC(BUILD, GAUGE, "kycd_build_info", "version", "commit", "1; the labels name the running program")    \
	METRIC(START_TIME, GAUGE, "kycd_process_start_time_seconds", NULL, NULL,                                        \
		"When the process started, as Unix time")                                                        \
	METRIC(REQUESTS, COUNTER, "kycd_requests_total", "route", "status", "Requests answered")                  \
	METRIC(REQUEST_DURATION, HISTOGRAM, "kycd_request_duration_seconds", "route", NULL, "Time from request to answer")        \
	METRIC(GROUP_SIZE, HISTOGRAM, "kycd_writer_group_size", NULL, NULL, "Jobs in one commit")                 \
	METRIC(COMMIT_DURATION, HISTOGRAM, "kycd_commit_duration_seconds", NULL, NULL, "Time of one durable commit")           \
	METRIC(QUEUE_DEPTH, GAUGE, "kycd_queue_depth", NULL, NULL, "Jobs waiting for the writer")                 \
	METRIC(OUTBOX_OLDEST, GAUGE, "kycd_outbox_oldest_seconds", NULL, NULL, "Age of the oldest unsent e-mail") \
	METRIC(OUTBOX_DELIVERIES, COUNTER, "kycd_outbox_deliveries_total", "kind", "outcome", "Deliveries from the outbox by kind and outcome")             \
	METRIC(WEBHOOK_ATTEMPTS, COUNTER, "kycd_webhook_attempts_total", "outcome", NULL,                              \
		"Attempts to deliver an event to a webhook endpoint, by outcome")                                \
	METRIC(WEBHOOK_OLDEST, GAUGE, "kycd_webhook_oldest_seconds", NULL, NULL,                                   \
		"Age of the oldest delivery to a webhook endpoint for which no attempt was made yet")            \
	METRIC(PROVIDER_CALLS, COUNTER, "kycd_provider_calls_total", "call", "outcome", "Calls to the provider")  \
	METRIC(PROVIDER_OPEN, GAUGE, "kycd_provider_breaker_open", NULL, NULL,                                     \
		"1 while the provider counts as down and gets only one call per 5 s")                            \
	METRIC(STALE_SESSION_OLDEST, GAUGE, "kycd_session_stale_oldest_seconds", NULL, NULL,                            \
		"Time since the last update of the open session that has gone longest without one")              \
	METRIC(DECISIONS, COLLECTED_COUNTER, "kycd_decisions_total", "tenant", "status",                           \
		"Decisions of the provider that changed a session")                                              \
	METRIC(CODE_CHECKS, COUNTER, "kycd_code_checks_total", "kind", "outcome", "Codes that people entered")     \
	METRIC(CHALLENGE_CHECKS, COUNTER, "kycd_challenge_checks_total", "outcome", NULL,                          \
		"Signed wallet challenges that were received")                                                   \
	METRIC(DATABASE_SIZE, OPTIONAL, "kycd_database_bytes", NULL, NULL, "Size of the database")                 \
	METRIC(DISK_FREE, OPTIONAL, "kycd_disk_free_bytes", NULL, NULL,                                            \
		"Free space on the disk of the SQLite file")                                                     \
	METRIC(BACKUP_AGE, OPTIONAL, "kycd_last_backup_age_seconds", NULL, NULL,                                   \
		"Time since the last verified backup of the SQLite file")                                        \
	METRIC(CERTIFICATE, OPTIONAL, "kycd_certificate_expiry_days", "setting", NULL,                             \
		"Days until the certificate of the URL in this setting expires")                                 \
	METRIC(QUOTA_USED, COLLECTED, "kycd_quota_used", "tenant", NULL, "Sessions of the current month (UTC)")        \
	METRIC(PROVIDER_EVENTS, COUNTER, "kycd_provider_events_total", "outcome", NULL, "Provider events by outcome")               \
	METRIC(CONNECTIONS, GAUGE, "kycd_connections", NULL, NULL, "Open connections")                            \
	METRIC(CONNECTIONS_MAX, GAUGE, "kycd_connections_max", NULL, NULL,                                         \
		"Limit of open connections of the public listener (KYCD_MAX_CONNECTIONS)")                       \
	METRIC(BAD_END_USERS, COUNTER, "kycd_end_user_address_malformed_total", NULL, NULL,                       \
		"X-End-User-Address headers without a valid IP address")                                         \
	METRIC(ROWS_FORGED, COUNTER, "kycd_rows_forged_total", "table", NULL,                                      \
		"Times that a row was read which something else than kycd has written")                          \
	METRIC(WEAK, GAUGE, "kycd_weak_settings", NULL, NULL, "1 while KYCD_ALLOW_WEAK permits weak settings")

enum metric {
#define METRIC(name, kind, text, label1, label2, help) METRIC_##name,
	METRICS(METRIC)
#undef METRIC
	METRIC_COUNT
};
/* clang-format on */

/* Sets the text of value `index` of label `which` (0 or 1); `text` is static. Values without a text are not
 * printed. An index that is too large gives the last value the text "other". */
void metric_label(enum metric m, int which, size_t index, const char *text);
/* Adds `n` (negative only for gauges) to the value with these label indexes. An index for a label that the
 * family does not have is ignored. */
void metric_add(enum metric m, size_t label1, size_t label2, int64_t n);
/* Sets a gauge without labels; for OPTIONAL also one with a label. An OPTIONAL family prints only the values
 * that have been set. */
void metric_set(enum metric m, int64_t value);
void metric_set_at(enum metric m, size_t label1, int64_t value);
/* Makes the value of an OPTIONAL family unknown again. */
void metric_unset(enum metric m, size_t label1);
/* Adds an observation to a histogram. `value` is in microseconds if the histogram's name ends with
 * "_seconds"; otherwise it is a count. */
void metric_observe(enum metric m, int64_t value);
void metric_observe_at(enum metric m, size_t label1, int64_t value);
/* Returns a counter's or gauge's value, or a histogram's number of observations with this label. */
int64_t metric_read(enum metric m, size_t label1, size_t label2);
/* Writes all families except the collected ones in Prometheus's text format 0.0.4. A counter whose label
 * values have texts is written even while it is 0, so that Prometheus's increase() includes the first
 * increment. */
void metrics_print(struct buf *out);
/* Write a family of the kind COLLECTED (a gauge) or COLLECTED_COUNTER, whose values the caller reads
 * elsewhere (e.g. from the database). The caller writes the header first, then one row per label value. */
void metric_print_header(struct buf *out, enum metric m);
void metric_print_collected(struct buf *out, enum metric m, const char *label, int64_t value);
void metric_print_collected_pair(
	struct buf *out, enum metric m, const char *label1, const char *label2, int64_t value);
/* For tests: sets all values to 0. */
void metrics_reset(void);
