/* Tests of reading the fields of an authenticated event. test_didit_signatures.c tests the signatures. */
#include "provider/didit_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signed_event.h"

static void v1_event_is_read(void **state maybe_unused)
{
	const struct str body = STR(EVENT(WITH_TIMES ",\"event_id\":\"e-1\""));
	const struct provider_event event = parse_signed_body(&v1, body);
	unsigned char digest[DIGEST_BYTES];

	assert_int_equal(event.topic, TOPIC_STATUS);
	assert_true(event.is_authenticated);
	assert_string_equal(event.ref.text, SESSION);
	assert_string_equal(event.status_text.p, "Approved");
	assert_true(event.status_known);
	assert_int_equal(event.status, STATUS_APPROVED);
	assert_string_equal(event.kind.p, "status.updated");
	assert_int_equal(event.sent_at.ms, event_time.ms);
	assert_int_equal(event.session_created.ms, event_time.ms - 600000);
	assert_false(event.has_decision);
	assert_true(str_eq(event.raw, body));
	sha256(body, digest);
	assert_memory_equal(event.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(event.body_digest.bytes, digest, DIGEST_BYTES);
}

static void v2_event_key_is_the_hash_of_event_id(void **state maybe_unused)
{
	const struct provider_event event = parse_signed_body(
		&v2_or_later, STR(EVENT(",\"event_id\":\"e-1\"")));
	const struct provider_event repeated = parse_signed_body(
		&v2_or_later, STR(EVENT(WITH_TIMES ",\"event_id\":\"e-1\"")));
	const struct provider_event other = parse_signed_body(
		&v2_or_later, STR(EVENT(",\"event_id\":\"e-2\"")));
	const struct str body = STR(EVENT(""));
	const struct provider_event without_id = parse_signed_body(&v2_or_later, body);
	unsigned char digest[DIGEST_BYTES];

	sha256(STR("e-1"), digest);
	assert_memory_equal(event.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(repeated.event_key.bytes, digest, DIGEST_BYTES);
	assert_memory_not_equal(repeated.body_digest.bytes, event.body_digest.bytes, DIGEST_BYTES);
	assert_memory_not_equal(other.event_key.bytes, digest, DIGEST_BYTES);
	sha256(body, digest);
	assert_memory_equal(without_id.event_key.bytes, digest, DIGEST_BYTES);
}

static void decision_in_the_event_is_read(void **state maybe_unused)
{
	const struct didit_version *const versions[] = { &v1, &v2_or_later };

	for (size_t i = 0; i < array_len(versions); i++) {
		const struct provider_event event = parse_signed_body(versions[i], STR(EVENT(WITH_DECISION)));

		assert_true(event.has_decision);
		assert_int_equal(event.decision.n_ips, 1);
		assert_true(event.decision.blocklisted);
	}
	assert_false(parse_signed_body(&v2_or_later, STR(EVENT(",\"decision\":null"))).has_decision);
	assert_false(parse_signed_body(&v2_or_later, STR(EVENT(",\"decision\":[]"))).has_decision);
}

#define WITH_TYPE(type) ",\"event_id\":\"e\",\"webhook_type\":\"" type "\""
static const struct {
	struct str body;
	bool marked_test;
	enum provider_event_topic topic;
} topics[] = {
	{ STR_INIT(EVENT("")), false, TOPIC_STATUS },
	{ STR_INIT(EVENT(WITH_TYPE("status.updated"))), false, TOPIC_STATUS },
	{ STR_INIT(EVENT(WITH_TYPE("status.updated"))), true, TOPIC_STATUS },
	{ STR_INIT(EVENT(WITH_TYPE("Status.Updated"))), false, TOPIC_STATUS },
	{ STR_INIT(EVENT(WITH_TYPE("data.updated"))), false, TOPIC_DATA },
	{ STR_INIT(EVENT(WITH_TYPE("DATA.UPDATED"))), false, TOPIC_DATA },
	{ STR_INIT("{\"session_id\":\"s\",\"webhook_type\":\"data.updated\"}"), false, TOPIC_DATA },
	{ STR_INIT(EVENT(WITH_TYPE("user.status.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("user.data.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("business.status.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("business.data.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("activity.created"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("transaction.created"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("transaction.status.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("travel_rule.status.updated"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(WITH_TYPE("something.new"))), false, TOPIC_NOT_TRACKED },
	{ STR_INIT("{\"vendor_user_id\":\"u\",\"webhook_type\":\"user.status.updated\"}"), false,
		TOPIC_NOT_TRACKED },
	{ STR_INIT(
		  "{\"business_session_id\":\"b\",\"status\":\"Approved\",\"webhook_type\":\"status.updated\"}"),
		false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(",\"session_kind\":\"business\"")), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(",\"session_kind\":\"BUSINESS\"")), false, TOPIC_NOT_TRACKED },
	{ STR_INIT(EVENT(",\"session_kind\":\"user\"")), false, TOPIC_STATUS },
	{ STR_INIT(EVENT("")), true, TOPIC_TEST },
	{ STR_INIT("{}"), true, TOPIC_TEST },
	{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":true}")), false, TOPIC_TEST },
	{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":false}")), false, TOPIC_STATUS },
	{ STR_INIT(EVENT(",\"event_id\":\"e\",\"metadata\":{\"test_webhook\":true}")), true, TOPIC_STATUS },
};

static void topic_follows_type_and_session_kind(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(topics); i++) {
		struct provider_webhook webhook = signed_body(topics[i].body);
		struct provider_event event;

		webhook.marked_test = topics[i].marked_test;
		if (parse_webhook(&v2_or_later, &webhook, &event) != EVENT_PARSE_OK ||
			event.topic != topics[i].topic)
			fail_msg("%.*s: %d", STR_ARG(topics[i].body), (int)event.topic);
	}
	/* in v1 no header marks test events, so the header is ignored */
	struct provider_webhook webhook = signed_body(STR(EVENT("")));
	struct provider_event event;
	webhook.marked_test = true;
	assert_int_equal(parse_webhook(&v1, &webhook, &event), EVENT_PARSE_OK);
	assert_int_equal(event.topic, TOPIC_STATUS);
}

static void unknown_status_is_returned_as_text(void **state maybe_unused)
{
	static const char *const unknown[] = { "Brand New", "Approve", "Creating", "Failed" };
	static const char *const known[] = { "RESUBMITTED", "awaiting user", "Kyc Expired", "KYC Expired" };

	for (size_t i = 0; i < array_len(unknown); i++) {
		const struct provider_event event = parse_signed_body(&v2_or_later,
			arena_printf(&arena, "{\"session_id\":\"s\",\"status\":\"%s\"}", unknown[i]));

		assert_false(event.status_known);
		assert_string_equal(event.status_text.p, unknown[i]);
		assert_true(parse_signed_body(&v2_or_later,
			arena_printf(&arena, "{\"session_id\":\"s\",\"status\":\"%s\"}", known[i]))
				    .status_known);
	}
}

static void session_id_in_upper_case_is_the_same_session(void **state maybe_unused)
{
	const struct provider_event event = parse_signed_body(&v2_or_later,
		STR("{\"session_id\":\"7D3C1F7E-2B64-4A0E-9A55-0C1D2E3F4A5B\",\"status\":\"APPROVED\"}"));

	assert_string_equal(event.ref.text, SESSION);
	assert_int_equal(event.status, STATUS_APPROVED);
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

static void malformed_body_is_rejected(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(malformed); i++) {
		const struct provider_webhook webhook = signed_body(malformed[i]);
		const bool has_repeated_key = str_has(
			malformed[i], 'D'); /* v2 and v3 use the last of two values */
		struct provider_event event = { .status_known = true };

		if (parse_webhook(&v1, &webhook, &event) != EVENT_PARSE_MALFORMED || !event.status_known)
			fail_msg("v1: %.*s", STR_ARG(malformed[i]));
		if (parse_webhook(&v2_or_later, &webhook, &event) !=
			(has_repeated_key ? EVENT_PARSE_OK : EVENT_PARSE_MALFORMED))
			fail_msg("%.*s", STR_ARG(malformed[i]));
	}
}

static const struct {
	const char *timestamp;
	int64_t ms;
} timestamps[] = {
	{ "0", 0 },
	{ "-1", 0 },
	{ "253402300799", 253402300799000 },
	{ "253402300800", 0 },
	{ "1.5", 0 },
	{ "\"1767225600\"", 0 },
	{ "null", 0 },
};

static void invalid_timestamp_is_unset(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(timestamps); i++) {
		const struct provider_event event = parse_signed_body(&v2_or_later,
			arena_printf(&arena,
				"{\"session_id\":\"s\",\"status\":\"Approved\",\"timestamp\":%s}",
				timestamps[i].timestamp));

		assert_int_equal(event.sent_at.ms, timestamps[i].ms);
	}
}

/* The numbers do not fit into int64_t or double, but kycd does not read these fields. */
static void huge_numbers_in_unused_fields_are_accepted(void **state maybe_unused)
{
	const struct str body = STR(
		EVENT(WITH_TIMES ",\"a\":[99999999999999999999,1e999],\"webhook_type\":\"status.updated\","
				 "\"decision\":{\"session_number\":18446744073709551616,"
				 "\"warnings\":[{\"feature\":\"KYC\",\"risk\":\"R\"}]}"));
	const struct provider_event event = parse_signed_body(&v2_or_later, body);

	assert_true(event.is_authenticated);
	assert_int_equal(event.status, STATUS_APPROVED);
	assert_int_equal(event.sent_at.ms, event_time.ms);
	assert_true(event.has_decision);
	assert_int_equal(event.decision.n_warnings, 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_start, fixture_stop)
	const struct CMUnitTest tests[] = {
		TEST(v1_event_is_read),
		TEST(v2_event_key_is_the_hash_of_event_id),
		TEST(decision_in_the_event_is_read),
		TEST(topic_follows_type_and_session_kind),
		TEST(unknown_status_is_returned_as_text),
		TEST(session_id_in_upper_case_is_the_same_session),
		TEST(malformed_body_is_rejected),
		TEST(invalid_timestamp_is_unset),
		TEST(huge_numbers_in_unused_fields_are_accepted),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
