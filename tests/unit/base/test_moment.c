#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <time.h>

#include "base/moment.h"

#define DAY_MS ((int64_t)86400000)
#define LAST_MS ((int64_t)253402300799999)

static moment at(int64_t ms)
{
	return (moment){ ms };
}

/* Expected values from GNU date. */
static const struct moment_case {
	int64_t ms;
	const char *rfc3339, *rfc5322, *clock;
	int64_t month;
} moment_cases[] = {
	{ 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 +0000", "00:00 UTC", 197001 },
	{ 68169599999, "1972-02-28T23:59:59.999Z", "Mon, 28 Feb 1972 23:59:59 +0000", "23:59 UTC", 197202 },
	{ 68169600000, "1972-02-29T00:00:00.000Z", "Tue, 29 Feb 1972 00:00:00 +0000", "00:00 UTC", 197202 },
	{ 68256000000, "1972-03-01T00:00:00.000Z", "Wed, 01 Mar 1972 00:00:00 +0000", "00:00 UTC", 197203 },
	{ 951782399999, "2000-02-28T23:59:59.999Z", "Mon, 28 Feb 2000 23:59:59 +0000", "23:59 UTC", 200002 },
	{ 951868799999, "2000-02-29T23:59:59.999Z", "Tue, 29 Feb 2000 23:59:59 +0000", "23:59 UTC", 200002 },
	{ 951868800000, "2000-03-01T00:00:00.000Z", "Wed, 01 Mar 2000 00:00:00 +0000", "00:00 UTC", 200003 },
	{ 1767225599999, "2025-12-31T23:59:59.999Z", "Wed, 31 Dec 2025 23:59:59 +0000", "23:59 UTC", 202512 },
	{ 1767225600000, "2026-01-01T00:00:00.000Z", "Thu, 01 Jan 2026 00:00:00 +0000", "00:00 UTC", 202601 },
	{ 1767607200000, "2026-01-05T10:00:00.000Z", "Mon, 05 Jan 2026 10:00:00 +0000", "10:00 UTC", 202601 },
	{ 1767607500042, "2026-01-05T10:05:00.042Z", "Mon, 05 Jan 2026 10:05:00 +0000", "10:05 UTC", 202601 },
	{ 4107542399999, "2100-02-28T23:59:59.999Z", "Sun, 28 Feb 2100 23:59:59 +0000", "23:59 UTC", 210002 },
	{ 4107542400000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 +0000", "00:00 UTC", 210003 },
	{ LAST_MS, "9999-12-31T23:59:59.999Z", "Fri, 31 Dec 9999 23:59:59 +0000", "23:59 UTC", 999912 },
};

static void moments_are_formatted_and_parsed(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(moment_cases); i++) {
		const struct moment_case *w = &moment_cases[i];
		char rfc3339[MOMENT_RFC3339_SIZE], rfc5322[MOMENT_RFC5322_SIZE], clock[MOMENT_CLOCK_SIZE];
		moment back = { -1 };

		moment_rfc3339(at(w->ms), rfc3339);
		moment_rfc5322(at(w->ms), rfc5322);
		moment_clock(at(w->ms), clock);
		assert_string_equal(rfc3339, w->rfc3339);
		assert_string_equal(rfc5322, w->rfc5322);
		assert_string_equal(clock, w->clock);
		assert_int_equal(moment_month(at(w->ms)), w->month);
		assert_true(moment_parse(str_of(rfc3339), &back));
		assert_int_equal(back.ms, w->ms);
	}
}

static void moments_outside_the_calendar_are_formatted_as_its_ends(void **state maybe_unused)
{
	char out[MOMENT_RFC3339_SIZE];

	moment_rfc3339(at(-1), out);
	assert_string_equal(out, "1970-01-01T00:00:00.000Z");
	moment_rfc3339(at(INT64_MIN), out);
	assert_string_equal(out, "1970-01-01T00:00:00.000Z");
	moment_rfc3339(at(LAST_MS + 1), out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	moment_rfc3339(at(INT64_MAX), out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
}

/* Compares each day from 1970 to 9999 with libc's gmtime_r, and parses the text again. */
static void each_day_of_the_calendar_matches_libc(void **state maybe_unused)
{
	static const char weekdays[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	int64_t day;

	for (day = 0; day <= LAST_MS / DAY_MS; day++) {
		const int64_t ms = day * DAY_MS + day % DAY_MS;
		const time_t unix_time = (time_t)(ms / 1000);
		char expected[64], rfc3339[MOMENT_RFC3339_SIZE], rfc5322[MOMENT_RFC5322_SIZE];
		struct tm tm;
		moment back;

		assert_non_null(gmtime_r(&unix_time, &tm));
		(void)snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
			tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			(int)(ms % 1000));
		moment_rfc3339(at(ms), rfc3339);
		assert_string_equal(rfc3339, expected);
		moment_rfc5322(at(ms), rfc5322);
		assert_memory_equal(rfc5322, weekdays[tm.tm_wday], 3);
		assert_true(moment_parse(str_of(rfc3339), &back));
		assert_int_equal(back.ms, ms);
	}
	assert_int_equal(day, 2932897);
}

static const struct parse_case {
	const char *text;
	int64_t ms;
} parse_cases[] = {
	{ "2026-01-05T10:00:00Z", 1767607200000 },
	{ "2026-01-05t10:00:00z", 1767607200000 },
	{ "2026-01-05T10:00:00.5Z", 1767607200500 },
	{ "2026-01-05T10:00:00.05Z", 1767607200050 },
	{ "2026-01-05T10:00:00.123Z", 1767607200123 },
	{ "2026-01-05T10:00:00.1239Z", 1767607200123 },
	{ "2026-01-05T10:00:00.123456789Z", 1767607200123 },
	{ "2026-01-05T10:00:00+00:00", 1767607200000 },
	{ "2026-01-05T10:00:00-00:00", 1767607200000 },
	{ "2026-01-05T11:30:00+01:30", 1767607200000 },
	{ "2026-01-05T06:00:00.250-04:00", 1767607200250 },
	{ "2026-01-06T09:59:00+23:59", 1767607200000 },
	{ "2026-01-04T10:01:00-23:59", 1767607200000 },
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T01:00:00+01:00", 0 },
	{ "2024-02-29T00:00:00Z", 1709164800000 },
	{ "2000-02-29T00:00:00Z", 951782400000 },
	{ "9999-12-31T23:59:59.999Z", LAST_MS },
	/* RFC 3339 section 5.8 */
	{ "1985-04-12T23:20:50.52Z", 482196050520 },
	{ "1996-12-19T16:39:57-08:00", 851042397000 },
	{ "1990-12-31T23:59:60Z", 662688000000 },
	{ "1990-12-31T15:59:60-08:00", 662688000000 },
};

static void valid_timestamps_are_parsed(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(parse_cases); i++) {
		moment t = { -1 };

		if (!moment_parse(str_of(parse_cases[i].text), &t) || t.ms != parse_cases[i].ms)
			fail_msg("%s: %lld", parse_cases[i].text, (long long)t.ms);
	}
}

static const char *const malformed_timestamps[] = {
	"",
	"2026",
	"2026-01-05",
	"2026-01-05 10:00:00Z",
	"2026-01-05T10:00:00",
	"2026-01-05T10:00Z",
	"2026-01-05T10:00:00Zx",
	"2026-01-05T10:00:00ZZ",
	" 2026-01-05T10:00:00Z",
	"2026/01-05T10:00:00Z",
	"2026-01/05T10:00:00Z",
	"2026-01-05T10.00:00Z",
	"2026-01-05T10:00.00Z",
	"2026-1-05T10:00:00Z",
	"+026-01-05T10:00:00Z",
	"2026-00-05T10:00:00Z",
	"2026-13-05T10:00:00Z",
	"2026-01-00T10:00:00Z",
	"2026-01-32T10:00:00Z",
	"2026-04-31T10:00:00Z",
	"2025-02-29T10:00:00Z",
	"2024-02-30T10:00:00Z",
	"2100-02-29T10:00:00Z",
	"1969-12-31T23:59:59Z",
	"1970-01-01T00:59:59+01:00",
	"9999-12-31T23:59:59-00:01",
	"9999-12-31T23:59:60Z",
	"2026-01-05T24:00:00Z",
	"2026-01-05T10:60:00Z",
	"2026-01-05T10:00:61Z",
	"2026-01-05T10:00:60Z",
	"2026-01-05T23:58:60Z",
	"2026-01-05T23:59:60+01:00",
	"2026-01-05T10:00:00.Z",
	"2026-01-05T10:00:00,5Z",
	"2026-01-05T10:00:00.1234567890Z",
	"2026-01-05T10:00:00.-1Z",
	"2026-01-05T10:00:00+24:00",
	"2026-01-05T10:00:00+01:60",
	"2026-01-05T10:00:00+0100",
	"2026-01-05T10:00:00+01",
	"2026-01-05T10:00:00+",
	"2026-01-05T10:00:00-",
	"2026-01-05T10:00:00+01:00Z",
	"2026-01-05T1a:00:00Z",
	"2026-01-05T10:a0:00Z",
	"2026-01-05T10:00:a0Z",
	"202a-01-05T10:00:00Z",
	"2026-0a-05T10:00:00Z",
	"2026-01-0aT10:00:00Z",
};

static void malformed_timestamps_are_rejected(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(malformed_timestamps); i++) {
		moment t = { -77 };

		if (moment_parse(str_of(malformed_timestamps[i]), &t) || t.ms != -77)
			fail_msg("%s", malformed_timestamps[i]);
	}
}

/* No prefix of a valid timestamp is accepted. */
static void truncated_timestamps_are_rejected(void **state maybe_unused)
{
	const struct str whole = STR("2026-01-05T10:00:00.123+01:00");
	moment t = { -77 };

	for (size_t n = 0; n < whole.n; n++)
		assert_false(moment_parse((struct str){ whole.p, n }, &t));
	assert_int_equal(t.ms, -77);
	assert_true(moment_parse(whole, &t));
}

static const struct duration_case {
	const char *text;
	int64_t ms; /* -1: rejected */
} duration_cases[] = {
	{ "90", 90000 },
	{ "90s", 90000 },
	{ "10m", 600000 },
	{ "12h", 43200000 },
	{ "30d", 2592000000 },
	{ "1", 1000 },
	{ "1d", 86400000 },
	{ "007s", 7000 },
	{ "2147483646s", 2147483646000 },
	{ "2147483647", 2147483647000 },
	{ "2147483647s", 2147483647000 },
	{ "2147483648s", -1 },
	{ "2147483647m", 128849018820000 },
	{ "2147483647h", 7730941129200000 },
	{ "2147483647d", 185542587100800000 },
	{ "2147483648d", -1 },
	{ "99999999999999999999", -1 },
	{ "0", -1 },
	{ "0s", -1 },
	{ "0d", -1 },
	{ "", -1 },
	{ "s", -1 },
	{ "d", -1 },
	{ "-1", -1 },
	{ "+1", -1 },
	{ "-1d", -1 },
	{ "1.5h", -1 },
	{ "1 h", -1 },
	{ " 1h", -1 },
	{ "1h ", -1 },
	{ "1H", -1 },
	{ "1ms", -1 },
	{ "1ss", -1 },
	{ "1h30m", -1 },
	{ "1w", -1 },
	{ "s1", -1 },
};

static void durations_are_parsed(void **state maybe_unused)
{
	duration d = { -77 };

	for (size_t i = 0; i < array_len(duration_cases); i++) {
		const bool good = duration_cases[i].ms >= 0;

		d = (duration){ -77 };
		if (duration_parse(str_of(duration_cases[i].text), &d) != good ||
			d.ms != (good ? duration_cases[i].ms : -77))
			fail_msg("%s: %lld", duration_cases[i].text, (long long)d.ms);
	}
	d = (duration){ -77 };
	assert_false(duration_parse((struct str){ NULL, 0 }, &d));
	assert_false(duration_parse(STR("1s\0"), &d));
	assert_int_equal(d.ms, -77);
}

static void duration_seconds_up_rounds_up(void **state maybe_unused)
{
	static const struct {
		int64_t ms, seconds;
	} rows[] = {
		{ INT64_MIN, 1 },
		{ -1000, 1 },
		{ 0, 1 },
		{ 1, 1 },
		{ 999, 1 },
		{ 1000, 1 },
		{ 1001, 2 },
		{ 1999, 2 },
		{ 2000, 2 },
		{ 60000, 60 },
		{ 60001, 61 },
		{ INT64_MAX, INT64_MAX / 1000 + 1 },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(duration_seconds_up(milliseconds(rows[i].ms)), rows[i].seconds);
}

static void moment_and_duration_arithmetic(void **state maybe_unused)
{
	const moment t = at(1767607200000);

	assert_int_equal(milliseconds(5).ms, 5);
	assert_int_equal(seconds(90).ms, 90000);
	assert_int_equal(minutes(10).ms, 600000);
	assert_int_equal(hours(12).ms, 43200000);
	assert_int_equal(days(30).ms, 2592000000);
	assert_int_equal(duration_mul(seconds(2), 3).ms, 6000);
	assert_int_equal(moment_add(t, minutes(10)).ms, 1767607800000);
	assert_int_equal(moment_sub(t, minutes(10)).ms, 1767606600000);
	assert_int_equal(moment_diff(t, moment_add(t, seconds(5))).ms, 5000);
	assert_int_equal(moment_diff(moment_add(t, seconds(5)), t).ms, -5000);
	assert_true(moment_is_before(t, moment_add(t, milliseconds(1))));
	assert_false(moment_is_before(t, t));
	assert_false(moment_is_before(moment_add(t, milliseconds(1)), t));
	assert_true(duration_is_shorter(seconds(59), minutes(1)));
	assert_false(duration_is_shorter(seconds(60), minutes(1)));
	assert_false(duration_is_shorter(seconds(61), minutes(1)));
	assert_true(moment_is_unset(at(0)));
	assert_false(moment_is_unset(at(1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_formatted_and_parsed),
		cmocka_unit_test(moments_outside_the_calendar_are_formatted_as_its_ends),
		cmocka_unit_test(each_day_of_the_calendar_matches_libc),
		cmocka_unit_test(valid_timestamps_are_parsed),
		cmocka_unit_test(malformed_timestamps_are_rejected),
		cmocka_unit_test(truncated_timestamps_are_rejected),
		cmocka_unit_test(durations_are_parsed),
		cmocka_unit_test(duration_seconds_up_rounds_up),
		cmocka_unit_test(moment_and_duration_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
