#include "provider/didit_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "text/encode.h"

#define SECRET STR("test_webhook_secret_not_real_0123456789abcde")
#define SESSION "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
static const moment then = { (int64_t)1767225600 * 1000 };

static const struct didit_version v1 = { .has_event_ids = false };
static const struct didit_version later = { .has_event_ids = true };

static struct hook_secrets *secrets;
static struct arena arena;

static int start(void **state unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return hook_secrets_open(&SECRET, 1, &secrets) == OK ? 0 : -1;
}

static int end(void **state unused)
{
	hook_secrets_close(secrets);
	arena_finish(&arena);
	return 0;
}

static struct str sign(struct str text)
{
	unsigned char mac[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];

	hmac_sha256(SECRET, text, mac);
	hex_write(mac, sizeof(mac), hex);
	return arena_copy(&arena, str_of(hex));
}

/* By X-Signature. */
static struct event_parts signed_body(struct str body)
{
	return (struct event_parts){ .signature = sign(body),
		.n_signatures = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

/* By X-Signature-V2, over this text. */
static struct event_parts signed_v2(struct str body, struct str text)
{
	return (struct event_parts){ .signature_v2 = sign(text),
		.n_signatures_v2 = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

static struct event_parts signed_simple(struct str body, struct str text)
{
	return (struct event_parts){ .signature_simple = sign(text),
		.n_signatures_simple = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

static enum event_verdict take(
	const struct didit_version *form, const struct event_parts *parts, struct notice *notice)
{
	return event_take(form, secrets, parts, then, &arena, notice);
}

static struct notice taken(const struct didit_version *form, struct str body)
{
	const struct event_parts parts = signed_body(body);
	struct notice notice = { .has_decision = true };

	if (take(form, &parts, &notice) != EVENT_READ)
		fail_msg("refused: %.*s", STR_ARG(body));
	return notice;
}

#define EVENT(more) "{\"session_id\":\"" SESSION "\",\"status\":\"Approved\"" more "}"
#define TIMED ",\"timestamp\":1767225600,\"created_at\":1767225000"

static void an_event_of_v1_is_read(void **state unused)
{
	const struct str body = STR(EVENT(TIMED ",\"event_id\":\"e-1\""));
	const struct notice n = taken(&v1, body);
	unsigned char digest[DIGEST_BYTES];

	assert_int_equal(n.news, NEWS_STATUS);
	assert_true(n.believed);
	assert_string_equal(n.ref.text, SESSION);
	assert_string_equal(n.status_text.p, "Approved");
	assert_true(n.status_known);
	assert_int_equal(n.status, STATUS_APPROVED);
	assert_string_equal(n.kind.p, "status.updated");
	assert_int_equal(n.sent.ms, then.ms);
	assert_int_equal(n.session_created.ms, then.ms - 600000);
	assert_false(n.has_decision);
	assert_true(str_eq(n.raw, body));
	sha256(body, digest);
	assert_memory_equal(n.key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(n.body.bytes, digest, DIGEST_BYTES);
}

static void later_events_are_told_apart_by_their_id(void **state unused)
{
	const struct notice n = taken(&later, STR(EVENT(",\"event_id\":\"e-1\"")));
	const struct notice again = taken(&later, STR(EVENT(TIMED ",\"event_id\":\"e-1\"")));
	const struct notice other = taken(&later, STR(EVENT(",\"event_id\":\"e-2\"")));
	const struct str body = STR(EVENT(""));
	const struct notice nameless = taken(&later, body);
	unsigned char digest[DIGEST_BYTES];

	sha256(STR("e-1"), digest);
	assert_memory_equal(n.key.bytes, digest, DIGEST_BYTES);
	assert_memory_equal(again.key.bytes, digest, DIGEST_BYTES);
	assert_memory_not_equal(again.body.bytes, n.body.bytes, DIGEST_BYTES);
	assert_memory_not_equal(other.key.bytes, digest, DIGEST_BYTES);
	sha256(body, digest);
	assert_memory_equal(nameless.key.bytes, digest, DIGEST_BYTES);
}

static void v1_takes_its_own_signature_alone(void **state unused)
{
	const struct str body = STR(EVENT(""));
	const struct event_parts v2 = signed_v2(body, body);
	const struct event_parts simple = signed_simple(body, STR(":" SESSION ":Approved:"));
	struct event_parts beside = signed_body(body);
	struct notice n;

	assert_int_equal(take(&v1, &v2, &n), EVENT_BAD_SIGNATURE);
	assert_int_equal(take(&v1, &simple, &n), EVENT_BAD_SIGNATURE);
	assert_int_equal(take(&later, &v2, &n), EVENT_READ);
	assert_int_equal(take(&later, &simple, &n), EVENT_READ);
	/* What v1 does not know it does not look at. */
	beside.signature_v2 = STR("x");
	beside.n_signatures_v2 = 2;
	assert_int_equal(take(&v1, &beside, &n), EVENT_READ);
	assert_int_equal(take(&later, &beside, &n), EVENT_BAD_SIGNATURE);
}

static void v2_signs_what_is_said_not_how(void **state unused)
{
	const struct str body = STR(
		" {\"status\":\"Declined\", \"session_id\":\"s\",\"status\":\"\\u0041pproved\",\n"
		"\"score\":97.0,\"event_id\":\"\\u00e9\"} ");
	const struct str canonical = STR(
		"{\"event_id\":\"é\",\"score\":97,\"session_id\":\"s\",\"status\":\"Approved\"}");
	const struct event_parts alone = signed_v2(body, canonical);
	const struct event_parts stamped = signed_v2(
		body, arena_printf(&arena, "1767225600:%.*s", STR_ARG(canonical)));
	const struct event_parts other = signed_v2(
		body, arena_printf(&arena, "1767225601:%.*s", STR_ARG(canonical)));
	const struct event_parts raw = signed_v2(body, body);
	struct notice n;

	assert_int_equal(take(&later, &alone, &n), EVENT_READ);
	assert_true(n.believed);
	assert_string_equal(n.status_text.p, "Approved"); /* the last one counts */
	assert_int_equal(take(&later, &stamped, &n), EVENT_READ);
	assert_true(n.believed);
	assert_int_equal(take(&later, &other, &n), EVENT_BAD_SIGNATURE);
	assert_int_equal(take(&later, &raw, &n), EVENT_BAD_SIGNATURE);
}

#define DECIDED                                                                                              \
	",\"decision\":{\"location\":{\"ip_address\":\"203.0.113.24\"},\"warnings\":[{\"feature\":\"FACE\"," \
	"\"risk\":\"FACE_IN_BLOCKLIST\"}]}"

static void a_decision_comes_along(void **state unused)
{
	const struct didit_version *const forms[] = { &v1, &later };

	for (size_t i = 0; i < array_len(forms); i++) {
		const struct notice n = taken(forms[i], STR(EVENT(DECIDED)));

		assert_true(n.has_decision);
		assert_int_equal(n.decision.n_ips, 1);
		assert_true(n.decision.blocklisted);
	}
	assert_false(taken(&later, STR(EVENT(",\"decision\":null"))).has_decision);
	assert_false(taken(&later, STR(EVENT(",\"decision\":[]"))).has_decision);
}

/* Who may write a body around words that are signed gets nothing of it believed. */
static void what_only_simple_vouches_for_is_not_believed(void **state unused)
{
	const struct str body = STR(EVENT(",\"timestamp\":1767225600,\"webhook_type\":\"status.updated\","
					  "\"event_id\":\"of another event\"" DECIDED));
	const struct event_parts parts = signed_simple(
		body, STR("1767225600:" SESSION ":Approved:status.updated"));
	unsigned char digest[DIGEST_BYTES];
	struct notice n;

	assert_int_equal(take(&later, &parts, &n), EVENT_READ);
	assert_false(n.believed);
	assert_false(n.has_decision);
	assert_string_equal(n.ref.text, SESSION);
	assert_int_equal(n.news, NEWS_STATUS);
	sha256(body, digest);
	assert_memory_equal(n.key.bytes, digest, DIGEST_BYTES);
	/* With another one that is right all of it is. */
	struct event_parts both = parts;
	both.signature = sign(body);
	both.n_signatures = 1;
	assert_int_equal(take(&later, &both, &n), EVENT_READ);
	assert_true(n.believed);
	assert_true(n.has_decision);
}

static void simple_is_made_of_the_bodys_words(void **state unused)
{
	static const struct {
		const char *body, *text;
	} rows_of[] = {
		{ "{\"session_id\":\"a\",\"status\":\"Approved\"}", ":a:Approved:" },
		{ "{\"session_id\":\"a\",\"status\":\"In Review\",\"timestamp\":7}", "7:a:In Review:" },
		{ "{\"session_id\":\"a\",\"status\":\"Approved\",\"timestamp\":\"7\"}", "7:a:Approved:" },
		{ "{\"session_id\":\"a\",\"status\":\"Approved\",\"timestamp\":null}", ":a:Approved:" },
		{ "{\"session_id\":\"a\",\"business_session_id\":\"b\",\"status\":\"Approved\"}",
			":a:Approved:" },
		{ "{\"session_id\":\"\",\"business_session_id\":\"b\",\"status\":\"Approved\"}",
			":b:Approved:" },
		{ "{\"business_session_id\":\"b\",\"transaction_id\":\"t\",\"status\":\"Approved\"}",
			":b:Approved:" },
		{ "{\"transaction_id\":\"t\",\"vendor_user_id\":\"u\",\"webhook_type\":\"transaction.created\"}",
			":t::transaction.created" },
		{ "{\"vendor_user_id\":\"u\",\"vendor_business_id\":\"v\",\"webhook_type\":\"user.data.updated\"}",
			":u::user.data.updated" },
		{ "{\"vendor_business_id\":\"v\",\"webhook_type\":\"business.data.updated\"}",
			":v::business.data.updated" },
		{ "{\"webhook_type\":\"activity.created\",\"timestamp\":1}", "1:::activity.created" },
	};

	for (size_t i = 0; i < array_len(rows_of); i++) {
		const struct event_parts parts = signed_simple(
			str_of(rows_of[i].body), str_of(rows_of[i].text));
		struct notice n;

		if (take(&later, &parts, &n) != EVENT_READ || n.believed)
			fail_msg("%s", rows_of[i].body);
	}
}

static void events_are_sorted_by_what_they_are_about(void **state unused)
{
#define KIND(kind) ",\"event_id\":\"e\",\"webhook_type\":\"" kind "\""
	static const struct {
		struct str body;
		bool marked;
		enum news news;
	} rows_of[] = {
		{ STR_INIT(EVENT("")), false, NEWS_STATUS },
		{ STR_INIT(EVENT(KIND("status.updated"))), false, NEWS_STATUS },
		{ STR_INIT(EVENT(KIND("status.updated"))), true, NEWS_STATUS },
		{ STR_INIT(EVENT(KIND("data.updated"))), false, NEWS_FACTS },
		{ STR_INIT("{\"session_id\":\"s\",\"webhook_type\":\"data.updated\"}"), false, NEWS_FACTS },
		{ STR_INIT(EVENT(KIND("user.status.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("user.data.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("business.status.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("business.data.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("activity.created"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("transaction.created"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("transaction.status.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("travel_rule.status.updated"))), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(KIND("something.new"))), false, NEWS_ELSEWHERE },
		{ STR_INIT("{\"vendor_user_id\":\"u\",\"webhook_type\":\"user.status.updated\"}"), false,
			NEWS_ELSEWHERE },
		{ STR_INIT(
			  "{\"business_session_id\":\"b\",\"status\":\"Approved\",\"webhook_type\":\"status.updated\"}"),
			false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(",\"session_kind\":\"business\"")), false, NEWS_ELSEWHERE },
		{ STR_INIT(EVENT(",\"session_kind\":\"user\"")), false, NEWS_STATUS },
		{ STR_INIT(EVENT("")), true, NEWS_TEST },
		{ STR_INIT("{}"), true, NEWS_TEST },
		{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":true}")), false, NEWS_TEST },
		{ STR_INIT(EVENT(",\"metadata\":{\"test_webhook\":false}")), false, NEWS_STATUS },
		{ STR_INIT(EVENT(",\"event_id\":\"e\",\"metadata\":{\"test_webhook\":true}")), true,
			NEWS_STATUS },
	};

	for (size_t i = 0; i < array_len(rows_of); i++) {
		struct event_parts parts = signed_body(rows_of[i].body);
		struct notice n;

		parts.marked_test = rows_of[i].marked;
		if (take(&later, &parts, &n) != EVENT_READ || n.news != rows_of[i].news)
			fail_msg("%.*s: %d", STR_ARG(rows_of[i].body), (int)n.news);
	}
	/* v1 has no tests that bear a mark */
	struct event_parts parts = signed_body(STR(EVENT("")));
	struct notice n;
	parts.marked_test = true;
	assert_int_equal(take(&v1, &parts, &n), EVENT_READ);
	assert_int_equal(n.news, NEWS_STATUS);
}

static void an_unknown_status_is_handed_on(void **state unused)
{
	static const char *const unknown[] = { "Brand New", "approved", "Creating", "Failed" };
	static const char *const known[] = { "Resubmitted", "Awaiting User", "Kyc Expired", "KYC Expired" };

	for (size_t i = 0; i < array_len(unknown); i++) {
		const struct notice n = taken(
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

static void what_is_no_event_is_malformed(void **state unused)
{
	for (size_t i = 0; i < array_len(malformed); i++) {
		const struct event_parts parts = signed_body(malformed[i]);
		const bool repeats = str_has(malformed[i], 'D'); /* later versions take the last of two */
		struct notice n = { .status_known = true };

		if (take(&v1, &parts, &n) != EVENT_MALFORMED || !n.status_known)
			fail_msg("v1: %.*s", STR_ARG(malformed[i]));
		if (take(&later, &parts, &n) != (repeats ? EVENT_READ : EVENT_MALFORMED))
			fail_msg("%.*s", STR_ARG(malformed[i]));
	}
}

static void what_is_not_signed_is_not_looked_at(void **state unused)
{
	const struct str body = STR(EVENT(""));
	struct event_parts parts = signed_body(body);
	struct notice n = { .status_known = true };

	parts.body.n--;
	assert_int_equal(take(&v1, &parts, &n), EVENT_BAD_SIGNATURE);
	assert_int_equal(take(&later, &parts, &n), EVENT_BAD_SIGNATURE);
	parts = signed_body(body);
	parts.n_timestamps = 0;
	assert_int_equal(take(&later, &parts, &n), EVENT_BAD_SIGNATURE);
	assert_int_equal(
		event_take(&later, secrets, &(const struct event_parts){ .body = body }, then, &arena, &n),
		EVENT_BAD_SIGNATURE);
	parts = signed_body(body);
	assert_int_equal(event_take(&later, secrets, &parts, after(then, milliseconds(300001)), &arena, &n),
		EVENT_BAD_SIGNATURE);
	assert_int_equal(
		event_take(&later, secrets, &parts, after(then, seconds(300)), &arena, &n), EVENT_READ);
}

/* Nothing takes more memory than the smallest values. */
static void a_large_body_is_judged_whole(void **state unused)
{
	struct event_parts parts;
	struct str body;
	struct notice n;
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add(&buf, STR("{\"a\":[0"));
	while (buf.n < (size_t)64 * 1024 - 64)
		buf_add(&buf, STR(",0"));
	buf_add(&buf, STR("],\"session_id\":\"s\",\"status\":\"Approved\"} "));
	assert_int_equal(buf_done(&buf, &body), OK);
	/* canonical already, but for the blank at the end */
	parts = signed_v2(body, (struct str){ body.p, body.n - 1 });
	assert_int_equal(take(&later, &parts, &n), EVENT_READ);
	assert_true(n.believed);
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

static void times_outside_the_calendar_are_none(void **state unused)
{
	for (size_t i = 0; i < array_len(times_of_events); i++) {
		const struct notice n = taken(
			&later, arena_printf(&arena,
					"{\"session_id\":\"s\",\"status\":\"Approved\",\"timestamp\":%s}",
					times_of_events[i].timestamp));

		assert_int_equal(n.sent.ms, times_of_events[i].ms);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		TEST(an_event_of_v1_is_read),
		TEST(later_events_are_told_apart_by_their_id),
		TEST(v1_takes_its_own_signature_alone),
		TEST(v2_signs_what_is_said_not_how),
		TEST(a_decision_comes_along),
		TEST(what_only_simple_vouches_for_is_not_believed),
		TEST(simple_is_made_of_the_bodys_words),
		TEST(events_are_sorted_by_what_they_are_about),
		TEST(an_unknown_status_is_handed_on),
		TEST(what_is_no_event_is_malformed),
		TEST(what_is_not_signed_is_not_looked_at),
		TEST(a_large_body_is_judged_whole),
		TEST(times_outside_the_calendar_are_none),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
