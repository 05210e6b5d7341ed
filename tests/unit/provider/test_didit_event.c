/* What an event says. */
#include "provider/didit_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signed_event.h"

static void an_event_of_v1_is_read(void **state maybe_unused)
{
	const struct str body = STR(EVENT(TIMED ",\"event_id\":\"e-1\""));
	const struct provider_event n = taken(&v1, body);
	unsigned char digest[DIGEST_BYTES];

	assert_int_equal(n.topic, TOPIC_STATUS);
	assert_true(n.is_authenticated);
	assert_string_equal(n.ref.text, SESSION);
	assert_string_equal(n.status_text.p, "Approved");
	assert_true(n.status_known);
	assert_int_equal(n.status, STATUS_APPROVED);
	assert_string_equal(n.kind.p, "status.updated");
	assert_int_equal(n.sent_at.ms, then.ms);
	assert_int_equal(n.session_created.ms, then.ms - 600000);
	assert_false(n.has_decision);
	assert_true(str_eq(n.raw, body));
	sha256(body, digest);
	assert_memory_equal(n.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(n.body_digest.bytes, digest, DIGEST_BYTES);
}

static void later_events_are_told_apart_by_their_id(void **state maybe_unused)
{
	const struct provider_event n = taken(&later, STR(EVENT(",\"event_id\":\"e-1\"")));
	const struct provider_event again = taken(&later, STR(EVENT(TIMED ",\"event_id\":\"e-1\"")));
	const struct provider_event other = taken(&later, STR(EVENT(",\"event_id\":\"e-2\"")));
	const struct str body = STR(EVENT(""));
	const struct provider_event nameless = taken(&later, body);
	unsigned char digest[DIGEST_BYTES];

	sha256(STR("e-1"), digest);
	assert_memory_equal(n.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(again.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_not_equal(again.body_digest.bytes, n.body_digest.bytes, DIGEST_BYTES);
	assert_memory_not_equal(other.event_key.bytes, digest, DIGEST_BYTES);
	sha256(body, digest);
	assert_memory_equal(nameless.event_key.bytes, digest, DIGEST_BYTES);
}

static void a_decision_comes_along(void **state maybe_unused)
{
	const struct didit_version *const forms[] = { &v1, &later };

	for (size_t i = 0; i < array_len(forms); i++) {
		const struct provider_event n = taken(forms[i], STR(EVENT(DECIDED)));

		assert_true(n.has_decision);
		assert_int_equal(n.decision.n_ips, 1);
		assert_true(n.decision.blocklisted);
	}
	assert_false(taken(&later, STR(EVENT(",\"decision\":null"))).has_decision);
	assert_false(taken(&later, STR(EVENT(",\"decision\":[]"))).has_decision);
}

static void events_are_sorted_by_what_they_are_about(void **state maybe_unused)
{
#define KIND(kind) ",\"event_id\":\"e\",\"webhook_type\":\"" kind "\""
	static const struct {
		struct str body;
		bool marked;
		enum provider_event_topic news;
	} rows_of[] = {
		{ STR_INIT(EVENT("")), false, TOPIC_STATUS },
		{ STR_INIT(EVENT(KIND("status.updated"))), false, TOPIC_STATUS },
		{ STR_INIT(EVENT(KIND("status.updated"))), true, TOPIC_STATUS },
		{ STR_INIT(EVENT(KIND("data.updated"))), false, TOPIC_DATA },
		{ STR_INIT("{\"session_id\":\"s\",\"webhook_type\":\"data.updated\"}"), false, TOPIC_DATA },
		{ STR_INIT(EVENT(KIND("user.status.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("user.data.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("business.status.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("business.data.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("activity.created"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("transaction.created"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("transaction.status.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("travel_rule.status.updated"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(KIND("something.new"))), false, TOPIC_NOT_TRACKED },
		{ STR_INIT("{\"vendor_user_id\":\"u\",\"webhook_type\":\"user.status.updated\"}"), false,
			TOPIC_NOT_TRACKED },
		{ STR_INIT(
			  "{\"business_session_id\":\"b\",\"status\":\"Approved\",\"webhook_type\":\"status.updated\"}"),
			false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(",\"session_kind\":\"business\"")), false, TOPIC_NOT_TRACKED },
		{ STR_INIT(EVENT(",\"session_kind\":\"user\"")), false, TOPIC_STATUS },
		{ STR_INIT(EVENT("")), true, TOPIC_TEST },
		{ STR_INIT("{}"), true, TOPIC_TEST },
		{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":true}")), false, TOPIC_TEST },
		{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":false}")), false, TOPIC_STATUS },
		{ STR_INIT(EVENT(",\"event_id\":\"e\",\"metadata\":{\"test_webhook\":true}")), true,
			TOPIC_STATUS },
	};

	for (size_t i = 0; i < array_len(rows_of); i++) {
		struct provider_webhook webhook = signed_body(rows_of[i].body);
		struct provider_event n;

		webhook.marked_test = rows_of[i].marked;
		if (take(&later, &webhook, &n) != EVENT_PARSE_OK || n.topic != rows_of[i].news)
			fail_msg("%.*s: %d", STR_ARG(rows_of[i].body), (int)n.topic);
	}
	/* v1 has no tests that bear a mark */
	struct provider_webhook webhook = signed_body(STR(EVENT("")));
	struct provider_event n;
	webhook.marked_test = true;
	assert_int_equal(take(&v1, &webhook, &n), EVENT_PARSE_OK);
	assert_int_equal(n.topic, TOPIC_STATUS);
}

static void an_unknown_status_is_handed_on(void **state maybe_unused)
{
	static const char *const unknown[] = { "Brand New", "approved", "Creating", "Failed" };
	static const char *const known[] = { "Resubmitted", "Awaiting User", "Kyc Expired", "KYC Expired" };

	for (size_t i = 0; i < array_len(unknown); i++) {
		const struct provider_event n = taken(
			&later, arena_printf(&arena, "{\"session_id\":\"s\",\"status\":\"%s\"}", unknown[i]));

		assert_false(n.status_known);
		assert_string_equal(n.status_text.p, unknown[i]);
		assert_true(taken(
			&later, arena_printf(&arena, "{\"session_id\":\"s\",\"status\":\"%s\"}", known[i]))
				    .status_known);
	}
}

static const struct str malformed[] = {
	STR_INIT(""),
	STR_INIT("null"),
	STR_INIT("[]"),
	STR_INIT("\"text\""),
	STR_INIT("{"),
	STR_INIT("{}"),
	STR_INIT("{\"session_id\":\"s\"}"),
	STR_INIT("{\"status\":\"Approved\"}"),
	STR_INIT("{\"session_id\":5,\"status\":\"Approved\"}"),
	STR_INIT("{\"session_id\":\"s\",\"status\":5}"),
	STR_INIT("{\"session_id\":\"s\",\"status\":\"\"}"),
	STR_INIT("{\"session_id\":\"\",\"status\":\"Approved\"}"),
	STR_INIT("{\"session_id\":\"..\",\"status\":\"Approved\"}"),
	STR_INIT("{\"session_id\":\"a/b\",\"status\":\"Approved\"}"),
	STR_INIT("{\"session_id\":\"s\",\"status\":\"Approved\"} x"),
	STR_INIT("{\"session_id\":\"s\",\"status\":\"Approved\",\"status\":\"Declined\"}"),
	STR_INIT("<html>"),
};

static void what_is_no_event_is_malformed(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(malformed); i++) {
		const struct provider_webhook webhook = signed_body(malformed[i]);
		const bool repeats = str_has(malformed[i], 'D'); /* later versions take the last of two */
		struct provider_event n = { .status_known = true };

		if (take(&v1, &webhook, &n) != EVENT_PARSE_MALFORMED || !n.status_known)
			fail_msg("v1: %.*s", STR_ARG(malformed[i]));
		if (take(&later, &webhook, &n) != (repeats ? EVENT_PARSE_OK : EVENT_PARSE_MALFORMED))
			fail_msg("%.*s", STR_ARG(malformed[i]));
	}
}

static const struct {
	const char *timestamp;
	int64_t ms;
} times_of_events[] = {
	{ "0", 0 },
	{ "-1", 0 },
	{ "253402300799", 253402300799000 },
	{ "253402300800", 0 },
	{ "1.5", 0 },
	{ "\"1767225600\"", 0 },
	{ "null", 0 },
};

static void times_outside_the_calendar_are_none(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(times_of_events); i++) {
		const struct provider_event n = taken(
			&later, arena_printf(&arena,
					"{\"session_id\":\"s\",\"status\":\"Approved\",\"timestamp\":%s}",
					times_of_events[i].timestamp));

		assert_int_equal(n.sent_at.ms, times_of_events[i].ms);
	}
}

/* Of fields that we do not need; the signature is of what was written. */
static void numbers_of_any_size_cost_nothing(void **state maybe_unused)
{
	const struct str body = STR(
		EVENT(TIMED ",\"a\":[99999999999999999999,1e999],\"webhook_type\":\"status.updated\","
			    "\"decision\":{\"session_number\":18446744073709551616,"
			    "\"warnings\":[{\"feature\":\"KYC\",\"risk\":\"R\"}]}"));
	const struct provider_event n = taken(&later, body);

	assert_true(n.is_authenticated);
	assert_int_equal(n.status, STATUS_APPROVED);
	assert_int_equal(n.sent_at.ms, then.ms);
	assert_true(n.has_decision);
	assert_int_equal(n.decision.n_warnings, 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		TEST(an_event_of_v1_is_read),
		TEST(later_events_are_told_apart_by_their_id),
		TEST(a_decision_comes_along),
		TEST(events_are_sorted_by_what_they_are_about),
		TEST(an_unknown_status_is_handed_on),
		TEST(what_is_no_event_is_malformed),
		TEST(times_outside_the_calendar_are_none),
		TEST(numbers_of_any_size_cost_nothing),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
