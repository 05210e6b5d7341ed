#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/lock.h"
#include "base/metrics.h"

static struct arena arena;

/* Label texts cannot be removed, so each test uses other label values. */
static int setup(void **state maybe_unused)
{
	arena_init(&arena, (size_t)1024 * 1024);
	metrics_reset();
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static const char *print_metrics(void)
{
	struct buf b;
	struct str s;

	buf_init(&b, &arena);
	metrics_print(&b);
	assert_int_equal(buf_done(&b, &s), OK);
	return s.p;
}

/* Returns whether `line` is a complete line of `text`. */
static bool has_line(const char *text, const char *line)
{
	const struct str wanted = str_of(line);
	struct str rest = str_of(text), first;

	while (str_cut(&rest, '\n', &first)) {
		if (str_eq(first, wanted))
			return true;
	}
	return false;
}

static void assert_line(const char *line)
{
	const char *const text = print_metrics();

	if (!has_line(text, line))
		fail_msg("the line %s is missing in\n%s", line, text);
}

static void assert_no_line(const char *part)
{
	assert_null(strstr(print_metrics(), part));
}

static void counters_add_and_gauges_are_set(void **state maybe_unused)
{
	metric_label(METRIC_PROVIDER_EVENTS, 0, 0, "sent");
	metric_label(METRIC_PROVIDER_EVENTS, 0, 1, "failed");
	metric_add(METRIC_PROVIDER_EVENTS, 0, 0, 1);
	metric_add(METRIC_PROVIDER_EVENTS, 0, 0, 2);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, 0, 0), 3);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, 1, 0), 0);
	assert_line("# HELP kycd_provider_events_total Provider events by outcome");
	assert_line("# TYPE kycd_provider_events_total counter");
	assert_line("kycd_provider_events_total{outcome=\"sent\"} 3");
	assert_line("kycd_provider_events_total{outcome=\"failed\"} 0");
	metric_add(METRIC_CONNECTIONS, 0, 0, 2);
	metric_add(METRIC_CONNECTIONS, 0, 0, -1);
	metric_set(METRIC_QUEUE_DEPTH, 17);
	metric_set(METRIC_QUEUE_DEPTH, 12);
	metric_set(METRIC_OUTBOX_OLDEST, 90);
	assert_line("# TYPE kycd_connections gauge");
	assert_line("kycd_connections 1");
	assert_line("kycd_queue_depth 12");
	assert_line("kycd_outbox_oldest_seconds 90");
	assert_int_equal(metric_read(METRIC_QUEUE_DEPTH, 0, 0), 12);
	metrics_reset();
	assert_int_equal(metric_read(METRIC_QUEUE_DEPTH, 0, 0), 0);
	assert_line("kycd_provider_events_total{outcome=\"sent\"} 0");
}

static void index_for_a_missing_label_is_ignored(void **state maybe_unused)
{
	metric_add(METRIC_CONNECTIONS, 5, 7, 1);
	assert_int_equal(metric_read(METRIC_CONNECTIONS, 0, 0), 1);
	metric_label(METRIC_PROVIDER_EVENTS, 0, 3, "late");
	metric_add(METRIC_PROVIDER_EVENTS, 3, 9, 4);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, 3, 0), 4);
	assert_line("kycd_provider_events_total{outcome=\"late\"} 4");
}

static void family_with_two_labels_prints_named_values_only(void **state maybe_unused)
{
	metric_label(METRIC_REQUESTS, 0, 0, "/kyc/status");
	metric_label(METRIC_REQUESTS, 0, 1, "/kyc/create/:method");
	metric_label(METRIC_REQUESTS, 1, 0, "200");
	metric_label(METRIC_REQUESTS, 1, 1, "404");
	metric_add(METRIC_REQUESTS, 0, 0, 5);
	metric_add(METRIC_REQUESTS, 1, 1, 6);
	metric_add(METRIC_REQUESTS, 0, 2, 70);	/* a column without a name */
	metric_add(METRIC_REQUESTS, 30, 0, 80); /* a row without a name */
	assert_line("kycd_requests_total{route=\"/kyc/status\",status=\"200\"} 5");
	assert_line("kycd_requests_total{route=\"/kyc/create/:method\",status=\"404\"} 6");
	assert_line("kycd_requests_total{route=\"/kyc/status\",status=\"404\"} 0");
	assert_no_line("} 70");
	assert_no_line("} 80");
}

static void index_beyond_the_last_counts_as_other(void **state maybe_unused)
{
	metric_label(METRIC_PROVIDER_CALLS, 0, METRIC_ROWS - 2, "row");
	metric_label(METRIC_PROVIDER_CALLS, 0, METRIC_ROWS - 1, "last_row");
	metric_label(METRIC_PROVIDER_CALLS, 1, METRIC_COLUMNS - 2, "column");
	metric_label(METRIC_PROVIDER_CALLS, 1, METRIC_COLUMNS - 1, "last_column");
	metric_add(METRIC_PROVIDER_CALLS, METRIC_ROWS - 2, METRIC_COLUMNS - 2, 1);
	metric_add(METRIC_PROVIDER_CALLS, METRIC_ROWS - 1, METRIC_COLUMNS - 1, 2);
	assert_line("kycd_provider_calls_total{call=\"row\",outcome=\"column\"} 1");
	assert_line("kycd_provider_calls_total{call=\"last_row\",outcome=\"last_column\"} 2");
	metric_label(METRIC_PROVIDER_CALLS, 0, METRIC_ROWS, "one too many");
	metric_label(METRIC_PROVIDER_CALLS, 1, SIZE_MAX, "far too many");
	metric_add(METRIC_PROVIDER_CALLS, METRIC_ROWS, METRIC_COLUMNS, 4);
	metric_add(METRIC_PROVIDER_CALLS, SIZE_MAX, SIZE_MAX, 8);
	assert_int_equal(metric_read(METRIC_PROVIDER_CALLS, METRIC_ROWS - 1, METRIC_COLUMNS - 1), 14);
	assert_int_equal(metric_read(METRIC_PROVIDER_CALLS, METRIC_ROWS - 2, METRIC_COLUMNS - 2), 1);
	assert_line("kycd_provider_calls_total{call=\"other\",outcome=\"other\"} 14");
	assert_no_line("too many");
}

static void label_values_are_escaped(void **state maybe_unused)
{
	metric_label(METRIC_PROVIDER_EVENTS, 0, 4, "a\"b\\c\nx");
	assert_line("kycd_provider_events_total{outcome=\"a\\\"b\\\\c\\nx\"} 0");
}

static const struct edge {
	const char *le;
	int64_t end;
} time_edges[] = {
	{ "0.0001", 100 },
	{ "0.00025", 250 },
	{ "0.0005", 500 },
	{ "0.001", 1000 },
	{ "0.0025", 2500 },
	{ "0.005", 5000 },
	{ "0.01", 10000 },
	{ "0.025", 25000 },
	{ "0.05", 50000 },
	{ "0.1", 100000 },
	{ "0.25", 250000 },
	{ "0.5", 500000 },
	{ "1", 1000000 },
	{ "2.5", 2500000 },
	{ "5", 5000000 },
	{ "10", 10000000 },
}, size_edges[] = {
	{ "1", 1 },
	{ "2", 2 },
	{ "4", 4 },
	{ "8", 8 },
	{ "16", 16 },
	{ "32", 32 },
	{ "64", 64 },
	{ "128", 128 },
	{ "256", 256 },
};

/* Observes the upper bound of each bucket and the next larger value. Each value counts in its own bucket and
 * in all larger ones. */
static void assert_histogram_edges(enum metric m, const char *name, const struct edge *edges, size_t n)
{
	char line[200];
	int lines = 0;

	for (size_t i = 0; i < n; i++) {
		metric_observe(m, edges[i].end);
		metric_observe(m, edges[i].end + 1);
	}
	for (size_t i = 0; i < n; i++) {
		size_t seen = 0;

		for (size_t k = 0; k < n; k++)
			seen += (edges[k].end <= edges[i].end ? 1U : 0U) +
				(edges[k].end + 1 <= edges[i].end ? 1U : 0U);
		(void)snprintf(line, sizeof(line), "%s_bucket{le=\"%s\"} %zu", name, edges[i].le, seen);
		assert_line(line);
	}
	(void)snprintf(line, sizeof(line), "%s_bucket{le=\"+Inf\"} %zu", name, 2 * n);
	assert_line(line);
	(void)snprintf(line, sizeof(line), "%s_count %zu", name, 2 * n);
	assert_line(line);
	assert_int_equal(metric_read(m, 0, 0), 2 * n);
	(void)snprintf(line, sizeof(line), "%s_bucket{", name);
	for (const char *at = print_metrics(); (at = strstr(at, line)) != NULL; at++)
		lines++;
	assert_int_equal(lines, n + 1);
}

static void time_histogram_prints_seconds(void **state maybe_unused)
{
	assert_histogram_edges(
		METRIC_COMMIT_DURATION, "kycd_commit_duration_seconds", time_edges, array_len(time_edges));
	metrics_reset();
	metric_observe(METRIC_COMMIT_DURATION, 1);
	metric_observe(METRIC_COMMIT_DURATION, 2500041);
	metric_observe(METRIC_COMMIT_DURATION,
		-5); /* negative durations, after the clock was set back, count as 0 */
	assert_line("# TYPE kycd_commit_duration_seconds histogram");
	assert_line("kycd_commit_duration_seconds_bucket{le=\"0.0001\"} 2");
	assert_line("kycd_commit_duration_seconds_bucket{le=\"2.5\"} 2");
	assert_line("kycd_commit_duration_seconds_bucket{le=\"5\"} 3");
	assert_line("kycd_commit_duration_seconds_sum 2.500042");
	assert_line("kycd_commit_duration_seconds_count 3");
}

/* Each value of the label has a histogram of its own, also before the first observation. */
static void histogram_with_a_label_counts_each_value(void **state maybe_unused)
{
	metric_label(METRIC_REQUEST_DURATION, 0, 1, "/kyc/prepare");
	metric_label(METRIC_REQUEST_DURATION, 0, METRIC_ROWS - 1, "/kyc/status");
	metric_observe_at(METRIC_REQUEST_DURATION, 1, 100);
	metric_observe_at(METRIC_REQUEST_DURATION, 1, 20000000);
	assert_int_equal(metric_read(METRIC_REQUEST_DURATION, 1, 0), 2);
	assert_int_equal(metric_read(METRIC_REQUEST_DURATION, METRIC_ROWS - 1, 0), 0);
	assert_line("kycd_request_duration_seconds_bucket{route=\"/kyc/prepare\",le=\"0.0001\"} 1");
	assert_line("kycd_request_duration_seconds_bucket{route=\"/kyc/prepare\",le=\"10\"} 1");
	assert_line("kycd_request_duration_seconds_bucket{route=\"/kyc/prepare\",le=\"+Inf\"} 2");
	assert_line("kycd_request_duration_seconds_sum{route=\"/kyc/prepare\"} 20.000100");
	assert_line("kycd_request_duration_seconds_count{route=\"/kyc/prepare\"} 2");
	assert_line("kycd_request_duration_seconds_bucket{route=\"/kyc/status\",le=\"+Inf\"} 0");
	assert_line("kycd_request_duration_seconds_count{route=\"/kyc/status\"} 0");
	metric_observe_at(METRIC_REQUEST_DURATION, METRIC_ROWS - 1, 1);
	assert_int_equal(metric_read(METRIC_REQUEST_DURATION, 1, 0), 2);
}

/* A value that is not known is not printed: 0 would look like a measurement. */
static void optional_gauge_is_printed_while_it_is_known(void **state maybe_unused)
{
	assert_line("# TYPE kycd_disk_free_bytes gauge");
	assert_no_line("\nkycd_disk_free_bytes");
	metric_set(METRIC_DISK_FREE, 0);
	assert_line("kycd_disk_free_bytes 0");
	metric_unset(METRIC_DISK_FREE, 0);
	assert_no_line("\nkycd_disk_free_bytes");
	metric_label(METRIC_CERTIFICATE, 0, 0, "public_url");
	metric_label(METRIC_CERTIFICATE, 0, 1, "smtp_url");
	metric_set_at(METRIC_CERTIFICATE, 1, -3);
	assert_line("kycd_certificate_expiry_days{setting=\"smtp_url\"} -3");
	assert_no_line("public_url");
	metrics_reset();
	assert_no_line("smtp_url");
}

static void size_histogram_prints_counts(void **state maybe_unused)
{
	assert_histogram_edges(
		METRIC_GROUP_SIZE, "kycd_writer_group_size", size_edges, array_len(size_edges));
	metrics_reset();
	metric_observe(METRIC_GROUP_SIZE, 3);
	metric_observe(METRIC_GROUP_SIZE, 1000);
	assert_line("kycd_writer_group_size_bucket{le=\"2\"} 0");
	assert_line("kycd_writer_group_size_bucket{le=\"4\"} 1");
	assert_line("kycd_writer_group_size_bucket{le=\"256\"} 1");
	assert_line("kycd_writer_group_size_bucket{le=\"+Inf\"} 2");
	assert_line("kycd_writer_group_size_sum 1003");
	assert_line("kycd_writer_group_size_count 2");
}

/* HELP and TYPE of each metric family appear once, before its lines. Every other line is a name and a number.
 */
static void output_is_well_formed(void **state maybe_unused)
{
	struct str rest = str_of(print_metrics()), line, family = STR("");
	size_t helps = 0;

	assert_int_equal(rest.p[rest.n - 1], '\n');
	while (str_cut(&rest, '\n', &line)) {
		struct str name, value;
		char expected[100];

		if (str_starts(line, STR("# HELP "))) {
			family = str_from(line, 7);
			assert_true(str_cut(&family, ' ', &name));
			assert_true(family.n > 0);
			family = name;
			helps++;
			assert_true(str_cut(&rest, '\n', &line));
			(void)snprintf(expected, sizeof(expected), "# TYPE %.*s ", STR_ARG(name));
			assert_true(str_starts(line, str_of(expected)));
			continue;
		}
		assert_true(str_starts(line, family));
		value = line;
		while (str_has(value, ' '))
			(void)str_cut(&value, ' ', &name);
		assert_true(value.n > 0);
		for (size_t i = 0; i < value.n; i++)
			assert_true(isdigit((unsigned char)value.p[i]) || value.p[i] == '.');
	}
	assert_int_equal(rest.n, 0);
	/* Two families are not printed here, because the caller collects them. */
	assert_int_equal(helps, METRIC_COUNT - 2);
}

static void collected_families_are_printed_by_the_caller(void **state maybe_unused)
{
	struct buf b;
	struct str s;

	buf_init(&b, &arena);
	metric_print_header(&b, METRIC_QUOTA_USED);
	metric_print_collected(&b, METRIC_QUOTA_USED, "shop", 3);
	metric_print_collected(&b, METRIC_QUOTA_USED, "b\\a\"nk", 0);
	assert_int_equal(buf_done(&b, &s), OK);
	assert_string_equal(s.p, "# HELP kycd_quota_used Sessions of the current month (UTC)\n"
				 "# TYPE kycd_quota_used gauge\n"
				 "kycd_quota_used{tenant=\"shop\"} 3\n"
				 "kycd_quota_used{tenant=\"b\\\\a\\\"nk\"} 0\n");
	assert_no_line("kycd_quota_used");
	buf_init(&b, &arena);
	metric_print_header(&b, METRIC_DECISIONS);
	metric_print_collected_pair(&b, METRIC_DECISIONS, "shop", "approved", 3);
	assert_int_equal(buf_done(&b, &s), OK);
	assert_string_equal(s.p,
		"# HELP kycd_decisions_total Decisions of the provider that changed a session\n"
		"# TYPE kycd_decisions_total counter\n"
		"kycd_decisions_total{tenant=\"shop\",status=\"approved\"} 3\n");
	assert_no_line("kycd_decisions_total");
}

/* The metrics have the names and labels that interface.md, section 3, documents. Operators' dashboards rely
 * on them. */
static void documented_names_and_labels_exist(void **state maybe_unused)
{
	static const struct {
		const char *name, *labels[2];
	} names[] = {
		{ "kycd_requests_total", { "route", "status" } },
		{ "kycd_request_duration_seconds", { "route", NULL } },
		{ "kycd_writer_group_size", { NULL } },
		{ "kycd_commit_duration_seconds", { NULL } },
		{ "kycd_queue_depth", { NULL } },
		{ "kycd_outbox_oldest_seconds", { NULL } },
		{ "kycd_outbox_deliveries_total", { "kind", "outcome" } },
		{ "kycd_provider_calls_total", { "call", "outcome" } },
		{ "kycd_session_stale_oldest_seconds", { NULL } },
		{ "kycd_quota_used", { "tenant" } },
		{ "kycd_build_info", { "version", "commit" } },
		{ "kycd_process_start_time_seconds", { NULL } },
		{ "kycd_decisions_total", { "tenant", "status" } },
		{ "kycd_code_checks_total", { "kind", "outcome" } },
		{ "kycd_database_bytes", { NULL } },
		{ "kycd_disk_free_bytes", { NULL } },
		{ "kycd_last_backup_age_seconds", { NULL } },
		{ "kycd_certificate_expiry_days", { "setting" } },
		{ "kycd_connections", { NULL } },
	};
	static const struct {
		const char *name, *labels[2], *help;
	} families[] = {
#define METRIC(name, kind, text, label1, label2, help) { text, { label1, label2 }, help },
		METRICS(METRIC)
#undef METRIC
	};

	for (size_t i = 0; i < array_len(names); i++) {
		size_t at = 0;

		while (at < array_len(families) && strcmp(families[at].name, names[i].name) != 0)
			at++;
		if (at == array_len(families))
			fail_msg("the metric %s does not exist", names[i].name);
		for (size_t k = 0; k < 2; k++)
			assert_true(str_eq(str_of(families[at].labels[k]), str_of(names[i].labels[k])));
	}
	for (size_t i = 0; i < array_len(families); i++) {
		assert_true(str_starts(str_of(families[i].name), STR("kycd_")));
		assert_in_range(strlen(families[i].help), 10, 100);
		for (size_t k = i + 1; k < array_len(families); k++)
			assert_string_not_equal(families[i].name, families[k].name);
	}
}

static void full_buffer_is_an_error(void **state maybe_unused)
{
	struct arena small;
	struct buf b;
	struct str s;

	arena_init(&small, 1000);
	buf_init(&b, &small);
	metrics_print(&b);
	assert_int_equal(buf_done(&b, &s), ERR_INPUT);
	arena_finish(&small);
}

static void count_many_times(void *arg maybe_unused)
{
	for (int i = 0; i < 5000; i++) {
		metric_add(METRIC_PROVIDER_EVENTS, 1, 0, 1);
		metric_observe(METRIC_COMMIT_DURATION, 200);
	}
}

static void concurrent_updates_are_not_lost(void **state maybe_unused)
{
	struct thread threads[4] = { 0 };

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], count_many_times, NULL), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, 1, 0), 20000);
	assert_int_equal(metric_read(METRIC_COMMIT_DURATION, 0, 0), 20000);
	assert_line("kycd_commit_duration_seconds_sum 4.000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counters_add_and_gauges_are_set, setup, teardown),
		cmocka_unit_test_setup_teardown(index_for_a_missing_label_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(
			family_with_two_labels_prints_named_values_only, setup, teardown),
		cmocka_unit_test_setup_teardown(index_beyond_the_last_counts_as_other, setup, teardown),
		cmocka_unit_test_setup_teardown(label_values_are_escaped, setup, teardown),
		cmocka_unit_test_setup_teardown(time_histogram_prints_seconds, setup, teardown),
		cmocka_unit_test_setup_teardown(histogram_with_a_label_counts_each_value, setup, teardown),
		cmocka_unit_test_setup_teardown(optional_gauge_is_printed_while_it_is_known, setup, teardown),
		cmocka_unit_test_setup_teardown(size_histogram_prints_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(output_is_well_formed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			collected_families_are_printed_by_the_caller, setup, teardown),
		cmocka_unit_test_setup_teardown(documented_names_and_labels_exist, setup, teardown),
		cmocka_unit_test_setup_teardown(full_buffer_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(concurrent_updates_are_not_lost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
