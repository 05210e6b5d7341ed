#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/digest.h"
#include "provider/event_v1.h"
#include "text/encode.h"

/* didit-api.md 8: the vector */
static const struct str secret = STR_INIT("test_webhook_secret_not_real_0123456789abcde");
static const struct str vector = STR_INIT(
	"{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
	"\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\","
	"\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com/a\",\"vendor_data\":\"user-42\","
	"\"webhook_type\":\"status.updated\",\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}");
static const struct str signature = STR_INIT(
	"1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1");
static const moment then = { (int64_t)1767225600 * 1000 };

static struct event_parts parts_of_vector(void)
{
	return (struct event_parts){ .signature = signature,
		.timestamp = STR("1767225600"),
		.body = vector,
		.n_signatures = 1,
		.n_timestamps = 1 };
}

static void the_vector_is_genuine(void **state)
{
	const struct event_parts parts = parts_of_vector();
	const struct str others[] = { STR("another secret"), secret };
	const struct str reversed[] = { secret, STR("another secret") };

	(void)state;
	assert_int_equal(vector.n, 349);
	assert_true(event_v1_is_genuine(&parts, &secret, 1, then));
	assert_true(event_v1_is_genuine(&parts, others, 2, then));
	assert_true(event_v1_is_genuine(&parts, reversed, 2, then));
	assert_false(event_v1_is_genuine(&parts, others, 1, then));
	assert_false(event_v1_is_genuine(&parts, &secret, 0, then));
}

static const struct {
	const char *name;
	struct str signature, timestamp;
	size_t n_signatures, n_timestamps;
} forgeries[] = {
	{ "no signature", STR_INIT(""), STR_INIT("1767225600"), 0, 1 },
	{ "two signatures", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 2, 1 },
	{ "no time", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT(""), 1, 0 },
	{ "two times", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 1, 2 },
	{ "upper case", STR_INIT("1ED5CA9D172322871CBE31C29EA9EC41594699770930AD2D01C3D30D7F08D3C1"),
		STR_INIT("1767225600"), 1, 1 },
	{ "one upper digit", STR_INIT("1Ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 1, 1 },
	{ "first digit", STR_INIT("2ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 1, 1 },
	{ "last digit", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c0"),
		STR_INIT("1767225600"), 1, 1 },
	{ "one digit short", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c"),
		STR_INIT("1767225600"), 1, 1 },
	{ "one digit long", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c11"),
		STR_INIT("1767225600"), 1, 1 },
	{ "blank behind", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1 "),
		STR_INIT("1767225600"), 1, 1 },
	{ "no hex", STR_INIT("ged5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 1, 1 },
	{ "a prefix", STR_INIT("sha256=1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600"), 1, 1 },
	{ "empty time", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT(""), 1, 1 },
	{ "time with a point", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600.0"), 1, 1 },
	{ "signed time", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("+1767225600"), 1, 1 },
	{ "negative time", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("-1"), 1, 1 },
	{ "endless time", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("99999999999999999999999999"), 1, 1 },
	{ "milliseconds", STR_INIT("1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"),
		STR_INIT("1767225600000"), 1, 1 },
};

static void forgeries_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(forgeries); i++) {
		const struct event_parts parts = { .signature = forgeries[i].signature,
			.timestamp = forgeries[i].timestamp,
			.body = vector,
			.n_signatures = forgeries[i].n_signatures,
			.n_timestamps = forgeries[i].n_timestamps };

		if (event_v1_is_genuine(&parts, &secret, 1, then))
			fail_msg("%s", forgeries[i].name);
	}
}

static void another_body_is_not_genuine(void **state)
{
	struct event_parts parts = parts_of_vector();

	(void)state;
	parts.body.n--;
	assert_false(event_v1_is_genuine(&parts, &secret, 1, then));
}

static void an_empty_secret_fits_nothing(void **state)
{
	const struct str empty = STR("");
	struct event_parts parts = parts_of_vector();
	unsigned char mac[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];

	(void)state;
	hmac_sha256(empty, vector, mac);
	hex_write(mac, sizeof(mac), hex);
	parts.signature = str_of(hex);
	assert_false(event_v1_is_genuine(&parts, &empty, 1, then));
}

static const struct {
	int64_t off_ms;
	bool fresh;
} ages[] = {
	{ -301000, false },
	{ -300001, false },
	{ -300000, true },
	{ -299000, true },
	{ 0, true },
	{ 299000, true },
	{ 300000, true },
	{ 300001, false },
	{ 301000, false },
};

static void only_five_minutes_are_fresh(void **state)
{
	const struct event_parts parts = parts_of_vector();

	(void)state;
	for (size_t i = 0; i < array_len(ages); i++)
		if (event_v1_is_genuine(&parts, &secret, 1, after(then, milliseconds(ages[i].off_ms))) !=
			ages[i].fresh)
			fail_msg("%lld ms", (long long)ages[i].off_ms);
}

static void the_vector_is_read(void **state)
{
	struct notice n;
	struct arena a;
	unsigned char body[DIGEST_BYTES];

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(event_v1_read(vector, &a, &n), EVENT_READ);
	assert_string_equal(n.ref.text, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	assert_string_equal(n.status_text.p, "Approved");
	assert_true(n.status_known);
	assert_int_equal(n.status, STATUS_APPROVED);
	assert_string_equal(n.kind.p, "status.updated");
	assert_int_equal(n.sent.ms, then.ms);
	assert_int_equal(n.session_created.ms, then.ms);
	assert_false(n.has_decision);
	sha256(vector, body);
	assert_memory_equal(n.key.bytes, body, DIGEST_BYTES);
	assert_memory_equal(n.body.bytes, body, DIGEST_BYTES);
	arena_finish(&a);
}

static void a_decision_comes_along(void **state)
{
	struct notice n;
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(
		event_v1_read(
			STR("{\"session_id\":\"s.1_A-b\",\"status\":\"Declined\",\"decision\":{\"location\":"
			    "{\"ip_address\":\"203.0.113.24\"},\"warnings\":[{\"feature\":\"FACE\",\"risk\":"
			    "\"FACE_IN_BLOCKLIST\"}]}}"),
			&a, &n),
		EVENT_READ);
	assert_string_equal(n.ref.text, "s.1_A-b");
	assert_string_equal(n.kind.p, "status.updated");
	assert_int_equal(n.sent.ms, 0);
	assert_int_equal(n.session_created.ms, 0);
	assert_true(n.has_decision);
	assert_int_equal(n.decision.n_ips, 1);
	assert_true(n.decision.blocklisted);
	arena_finish(&a);
}

static void an_unknown_status_is_handed_on(void **state)
{
	static const char *const unknown[] = { "Brand New", "approved", "Creating", "Failed" };
	struct notice n;
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(unknown); i++) {
		assert_int_equal(event_v1_read(arena_printf(&a, "{\"session_id\":\"s\",\"status\":\"%s\"}",
						       unknown[i]),
					 &a, &n),
			EVENT_READ);
		assert_false(n.status_known);
		assert_string_equal(n.status_text.p, unknown[i]);
	}
	arena_finish(&a);
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

static void what_is_no_event_is_malformed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(malformed); i++) {
		struct notice n = { .status_known = true };

		if (event_v1_read(malformed[i], &a, &n) != EVENT_MALFORMED || !n.status_known)
			fail_msg("%.*s", STR_ARG(malformed[i]));
	}
	arena_finish(&a);
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

static void times_outside_the_calendar_are_none(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(times_of_events); i++) {
		struct notice n;

		assert_int_equal(
			event_v1_read(
				arena_printf(&a,
					"{\"session_id\":\"s\",\"status\":\"Approved\",\"timestamp\":%s}",
					times_of_events[i].timestamp),
				&a, &n),
			EVENT_READ);
		assert_int_equal(n.sent.ms, times_of_events[i].ms);
	}
	arena_finish(&a);
}

static const struct {
	const char *text;
	bool good;
} refs[] = {
	{ "a", true },
	{ "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", true },
	{ "A.b_C-9", true },
	{ "1234567890123456789012345678901234567890123456789012345678901234", true },
	{ "12345678901234567890123456789012345678901234567890123456789012345", false },
	{ "", false },
	{ ".", false },
	{ "..", false },
	{ "a b", false },
	{ "a/b", false },
	{ "a%2fb", false },
	{ "a?b", false },
	{ "\xc3\xa4", false },
};

static void ids_are_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(refs); i++) {
		struct provider_ref ref = { "untouched" };

		if (provider_ref_read(str_of(refs[i].text), &ref) != refs[i].good)
			fail_msg("%s", refs[i].text);
		assert_string_equal(ref.text, refs[i].good ? refs[i].text : "untouched");
	}
	assert_false(provider_ref_read(STR("a\0b"), &(struct provider_ref){ "" }));
}

static int start(void **state)
{
	(void)state;
	return crypto_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vector_is_genuine),
		cmocka_unit_test(forgeries_are_not),
		cmocka_unit_test(another_body_is_not_genuine),
		cmocka_unit_test(an_empty_secret_fits_nothing),
		cmocka_unit_test(only_five_minutes_are_fresh),
		cmocka_unit_test(the_vector_is_read),
		cmocka_unit_test(a_decision_comes_along),
		cmocka_unit_test(an_unknown_status_is_handed_on),
		cmocka_unit_test(what_is_no_event_is_malformed),
		cmocka_unit_test(times_outside_the_calendar_are_none),
		cmocka_unit_test(ids_are_plain),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
