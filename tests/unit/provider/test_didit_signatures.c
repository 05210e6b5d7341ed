/* Tests which signature headers authenticate an event, and how much of the event each of them covers. */
#include "provider/didit_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "signed_event.h"

static void v1_checks_only_x_signature(void **state maybe_unused)
{
	const struct str body = STR(EVENT(""));
	const struct provider_webhook v2 = signed_v2(body, body);
	const struct provider_webhook simple = signed_simple(body, STR(":" SESSION ":Approved:"));
	struct provider_webhook both_headers = signed_body(body);
	struct provider_event event;

	assert_int_equal(parse_webhook(&v1, &v2, &event), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(parse_webhook(&v1, &simple, &event), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(parse_webhook(&v2_or_later, &v2, &event), EVENT_PARSE_OK);
	assert_int_equal(parse_webhook(&v2_or_later, &simple, &event), EVENT_PARSE_OK);
	/* With v1 of the API, the newer signature headers are ignored. */
	both_headers.signature_v2 = STR("x");
	both_headers.n_signatures_v2 = 2;
	assert_int_equal(parse_webhook(&v1, &both_headers, &event), EVENT_PARSE_OK);
	assert_int_equal(parse_webhook(&v2_or_later, &both_headers, &event), EVENT_PARSE_BAD_SIGNATURE);
}

static void x_signature_v2_covers_the_canonical_json(void **state maybe_unused)
{
	const struct str body = STR(
		" {\"status\":\"Declined\", \"session_id\":\"s\",\"status\":\"\\u0041pproved\",\n"
		"\"score\":97.0,\"event_id\":\"\\u00e9\"} ");
	const struct str canonical = STR(
		"{\"event_id\":\"é\",\"score\":97,\"session_id\":\"s\",\"status\":\"Approved\"}");
	const struct provider_webhook alone = signed_v2(body, canonical);
	const struct provider_webhook stamped = signed_v2(
		body, arena_printf(&arena, "1767225600:%.*s", STR_ARG(canonical)));
	const struct provider_webhook other = signed_v2(
		body, arena_printf(&arena, "1767225601:%.*s", STR_ARG(canonical)));
	const struct provider_webhook raw = signed_v2(body, body);
	struct provider_event event;

	assert_int_equal(parse_webhook(&v2_or_later, &alone, &event), EVENT_PARSE_OK);
	assert_true(event.is_authenticated);
	/* Of two members with the same name, the last one counts. */
	assert_string_equal(event.status_text.p, "Approved");
	assert_int_equal(parse_webhook(&v2_or_later, &stamped, &event), EVENT_PARSE_OK);
	assert_true(event.is_authenticated);
	assert_int_equal(parse_webhook(&v2_or_later, &other, &event), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(parse_webhook(&v2_or_later, &raw, &event), EVENT_PARSE_BAD_SIGNATURE);
}

/* X-Signature-Simple covers only four values. An attacker who has seen one such signature could send it with
 * another body. */
static void event_signed_only_by_simple_is_not_authenticated(void **state maybe_unused)
{
	const struct str body = STR(EVENT(",\"timestamp\":1767225600,\"webhook_type\":\"status.updated\","
					  "\"event_id\":\"of another event\"" WITH_DECISION));
	const struct provider_webhook webhook = signed_simple(
		body, STR("1767225600:" SESSION ":Approved:status.updated"));
	unsigned char digest[DIGEST_BYTES];
	struct provider_event event;

	assert_int_equal(parse_webhook(&v2_or_later, &webhook, &event), EVENT_PARSE_OK);
	assert_false(event.is_authenticated);
	assert_false(event.has_decision);
	assert_string_equal(event.ref.text, SESSION);
	assert_int_equal(event.topic, TOPIC_STATUS);
	sha256(body, digest);
	assert_memory_equal(event.event_key.bytes, digest, DIGEST_BYTES);
	/* A valid X-Signature in the same request authenticates the whole body. */
	struct provider_webhook both = webhook;
	both.signature = sign(body);
	both.n_signatures = 1;
	assert_int_equal(parse_webhook(&v2_or_later, &both, &event), EVENT_PARSE_OK);
	assert_true(event.is_authenticated);
	assert_true(event.has_decision);
}

static void x_signature_simple_covers_four_values_of_the_body(void **state maybe_unused)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
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

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_webhook webhook = signed_simple(
			str_of(rows[i].body), str_of(rows[i].text));
		struct provider_event event;

		if (parse_webhook(&v2_or_later, &webhook, &event) != EVENT_PARSE_OK || event.is_authenticated)
			fail_msg("%s", rows[i].body);
	}
}

static void unsigned_or_stale_event_is_rejected(void **state maybe_unused)
{
	const struct str body = STR(EVENT(""));
	struct provider_webhook webhook = signed_body(body);
	struct provider_event event = { .status_known = true };

	webhook.body.n--;
	assert_int_equal(parse_webhook(&v1, &webhook, &event), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(parse_webhook(&v2_or_later, &webhook, &event), EVENT_PARSE_BAD_SIGNATURE);
	webhook = signed_body(body);
	webhook.n_timestamps = 0;
	assert_int_equal(parse_webhook(&v2_or_later, &webhook, &event), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(
		provider_event_parse(&v2_or_later, secrets, &(const struct provider_webhook){ .body = body },
			event_time, &arena, &event),
		EVENT_PARSE_BAD_SIGNATURE);
	webhook = signed_body(body);
	assert_int_equal(provider_event_parse(&v2_or_later, secrets, &webhook,
				 moment_add(event_time, milliseconds(300001)), &arena, &event),
		EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(provider_event_parse(&v2_or_later, secrets, &webhook,
				 moment_add(event_time, seconds(300)), &arena, &event),
		EVENT_PARSE_OK);
}

/* Returns a body of the largest size allowed, filled with repetitions of `filler`. Without its trailing blank
 * the body is canonical JSON. */
static struct str large_body(const char *filler)
{
	struct str body;
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add(&buf, STR("{\"a\":[0"));
	while (buf.n < (size_t)64 * 1024 - 64)
		buf_add(&buf, str_of(filler));
	buf_add(&buf, STR("],\"session_id\":\"s\",\"status\":\"Approved\"} "));
	assert_int_equal(buf_done(&buf, &body), OK);
	return body;
}

/* An attacker may send a body of many tiny values, or of numbers whose canonical form is long. Unless
 * X-Signature is valid, the parser stops at a memory limit. */
static void unauthenticated_body_uses_bounded_memory(void **state maybe_unused)
{
	static const struct {
		const char *filler;
		bool accepted_by_v2;
	} rows[] = {
		{ ",\"abcdefg\"", true }, /* at least as many values per byte as real events */
		{ ",{\"a\":\"b\",\"cde\":123}", true },
		{ ",0", false },
		{ ",[]", false },
		{ ",{}", false },
		{ ",1e308", false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str body = large_body(rows[i].filler);
		const struct provider_webhook v2 = signed_v2(body, (struct str){ body.p, body.n - 1 });
		const struct provider_webhook simple = signed_simple(body, STR(":s:Approved:"));
		struct provider_webhook signed_bytes = signed_body(body);
		struct provider_event event = { .is_authenticated = false };

		if (parse_webhook(&v2_or_later, &v2, &event) !=
			(rows[i].accepted_by_v2 ? EVENT_PARSE_OK : EVENT_PARSE_BAD_SIGNATURE))
			fail_msg("%s: wrong result with X-Signature-V2", rows[i].filler);
		assert_int_equal(event.is_authenticated, rows[i].accepted_by_v2);
		if ((parse_webhook(&v2_or_later, &simple, &event) == EVENT_PARSE_OK) < rows[i].accepted_by_v2)
			fail_msg("%s: wrong result with X-Signature-Simple", rows[i].filler);
		signed_bytes.signature_v2 = signed_bytes.signature; /* invalid, but not checked */
		signed_bytes.n_signatures_v2 = 1;
		assert_int_equal(parse_webhook(&v2_or_later, &signed_bytes, &event), EVENT_PARSE_OK);
		assert_true(event.is_authenticated);
		arena_reset(&arena);
	}
}

/* Verifies the example event of didit-api.md, section 8, with each of its signature headers. */
static void documented_example_is_accepted_by_each_header(void **state maybe_unused)
{
	static const struct str body = STR_INIT(
		"{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
		"\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,\"session_id\":\"" SESSION
		"\",\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com/"
		"a\",\"vendor_data\":\"user-42\",\"webhook_type\":\"status.updated\",\"workflow_id\":"
		"\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}");
	static const char *const headers[] = {
		"1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1", /* X-Signature */
		"29d663ebc193af7ca29d98ba7dd368104cf85480d98cf0345988dd07b97faaef", /* X-Signature-V2 */
		"341fa78c43f1940f5ef5be430e47be4af04bfa64c3badba1ee828826ff1f533b", /* X-Signature-V2 with
										       timestamp */
		"57d171c344053eea5b7e779d6ffa87ad4e0cad151b7ebf7d32109c0b0895c674", /* X-Signature-Simple */
	};

	assert_int_equal(body.n, 349);
	for (size_t i = 0; i < array_len(headers); i++) {
		const struct str hex = str_of(headers[i]);
		const struct provider_webhook webhook = {
			.signature = i == 0 ? hex : STR(""),
			.n_signatures = i == 0,
			.signature_v2 = i == 1 || i == 2 ? hex : STR(""),
			.n_signatures_v2 = i == 1 || i == 2,
			.signature_simple = i == 3 ? hex : STR(""),
			.n_signatures_simple = i == 3,
			.timestamp = STR("1767225600"),
			.n_timestamps = 1,
			.body = body,
		};
		struct provider_event event;

		assert_int_equal(parse_webhook(&v2_or_later, &webhook, &event), EVENT_PARSE_OK);
		assert_int_equal(event.is_authenticated, i < 3);
		assert_string_equal(event.ref.text, SESSION);
		assert_int_equal(event.status, STATUS_APPROVED);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_start, fixture_stop)
	const struct CMUnitTest tests[] = {
		TEST(documented_example_is_accepted_by_each_header),
		TEST(v1_checks_only_x_signature),
		TEST(x_signature_v2_covers_the_canonical_json),
		TEST(event_signed_only_by_simple_is_not_authenticated),
		TEST(x_signature_simple_covers_four_values_of_the_body),
		TEST(unsigned_or_stale_event_is_rejected),
		TEST(unauthenticated_body_uses_bounded_memory),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
