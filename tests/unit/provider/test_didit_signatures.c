/* Who vouches for an event, and for how much of it. */
#include "provider/didit_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "signed_event.h"

static void v1_takes_its_own_signature_alone(void **state maybe_unused)
{
	const struct str body = STR(EVENT(""));
	const struct provider_webhook v2 = signed_v2(body, body);
	const struct provider_webhook simple = signed_simple(body, STR(":" SESSION ":Approved:"));
	struct provider_webhook beside = signed_body(body);
	struct provider_event n;

	assert_int_equal(take(&v1, &v2, &n), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(take(&v1, &simple, &n), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(take(&later, &v2, &n), EVENT_PARSE_OK);
	assert_int_equal(take(&later, &simple, &n), EVENT_PARSE_OK);
	/* What v1 does not know it does not look at. */
	beside.signature_v2 = STR("x");
	beside.n_signatures_v2 = 2;
	assert_int_equal(take(&v1, &beside, &n), EVENT_PARSE_OK);
	assert_int_equal(take(&later, &beside, &n), EVENT_PARSE_BAD_SIGNATURE);
}

static void v2_signs_what_is_said_not_how(void **state maybe_unused)
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
	struct provider_event n;

	assert_int_equal(take(&later, &alone, &n), EVENT_PARSE_OK);
	assert_true(n.is_authenticated);
	assert_string_equal(n.status_text.p, "Approved"); /* the last one counts */
	assert_int_equal(take(&later, &stamped, &n), EVENT_PARSE_OK);
	assert_true(n.is_authenticated);
	assert_int_equal(take(&later, &other, &n), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(take(&later, &raw, &n), EVENT_PARSE_BAD_SIGNATURE);
}

/* Who may write a body around words that are signed gets nothing of it believed. */
static void what_only_simple_vouches_for_is_not_believed(void **state maybe_unused)
{
	const struct str body = STR(EVENT(",\"timestamp\":1767225600,\"webhook_type\":\"status.updated\","
					  "\"event_id\":\"of another event\"" DECIDED));
	const struct provider_webhook webhook = signed_simple(
		body, STR("1767225600:" SESSION ":Approved:status.updated"));
	unsigned char digest[DIGEST_BYTES];
	struct provider_event n;

	assert_int_equal(take(&later, &webhook, &n), EVENT_PARSE_OK);
	assert_false(n.is_authenticated);
	assert_false(n.has_decision);
	assert_string_equal(n.ref.text, SESSION);
	assert_int_equal(n.topic, TOPIC_STATUS);
	sha256(body, digest);
	assert_memory_equal(n.event_key.bytes, digest, DIGEST_BYTES);
	/* With another one that is right all of it is. */
	struct provider_webhook both = webhook;
	both.signature = sign(body);
	both.n_signatures = 1;
	assert_int_equal(take(&later, &both, &n), EVENT_PARSE_OK);
	assert_true(n.is_authenticated);
	assert_true(n.has_decision);
}

static void simple_is_made_of_the_bodys_words(void **state maybe_unused)
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
		const struct provider_webhook webhook = signed_simple(
			str_of(rows_of[i].body), str_of(rows_of[i].text));
		struct provider_event n;

		if (take(&later, &webhook, &n) != EVENT_PARSE_OK || n.is_authenticated)
			fail_msg("%s", rows_of[i].body);
	}
}

static void what_is_not_signed_is_not_looked_at(void **state maybe_unused)
{
	const struct str body = STR(EVENT(""));
	struct provider_webhook webhook = signed_body(body);
	struct provider_event n = { .status_known = true };

	webhook.body.n--;
	assert_int_equal(take(&v1, &webhook, &n), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(take(&later, &webhook, &n), EVENT_PARSE_BAD_SIGNATURE);
	webhook = signed_body(body);
	webhook.n_timestamps = 0;
	assert_int_equal(take(&later, &webhook, &n), EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(provider_event_parse(&later, secrets,
				 &(const struct provider_webhook){ .body = body }, then, &arena, &n),
		EVENT_PARSE_BAD_SIGNATURE);
	webhook = signed_body(body);
	assert_int_equal(provider_event_parse(&later, secrets, &webhook,
				 moment_add(then, milliseconds(300001)), &arena, &n),
		EVENT_PARSE_BAD_SIGNATURE);
	assert_int_equal(
		provider_event_parse(&later, secrets, &webhook, moment_add(then, seconds(300)), &arena, &n),
		EVENT_PARSE_OK);
}

/* As large as a request may be, filled up with `piece`; canonical already, but for the blank at its end. */
static struct str large_body(const char *piece)
{
	struct str body;
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add(&buf, STR("{\"a\":[0"));
	while (buf.n < (size_t)64 * 1024 - 64)
		buf_add(&buf, str_of(piece));
	buf_add(&buf, STR("],\"session_id\":\"s\",\"status\":\"Approved\"} "));
	assert_int_equal(buf_done(&buf, &body), OK);
	return body;
}

/* Anybody may send a body that is all commas, or whose few digits stand for many: it is not taken apart to
 * its end unless its bytes are signed. */
static void a_strangers_body_costs_a_bounded_memory(void **state maybe_unused)
{
	static const struct {
		const char *piece;
		bool by_v2;
	} rows_of[] = {
		{ ",\"abcdefg\"", true }, /* as dense as what the provider sends, and denser */
		{ ",{\"a\":\"b\",\"cde\":123}", true },
		{ ",0", false },
		{ ",[]", false },
		{ ",{}", false },
		{ ",1e308", false },
	};

	for (size_t i = 0; i < array_len(rows_of); i++) {
		const struct str body = large_body(rows_of[i].piece);
		const struct provider_webhook v2 = signed_v2(body, (struct str){ body.p, body.n - 1 });
		const struct provider_webhook simple = signed_simple(body, STR(":s:Approved:"));
		struct provider_webhook bytes = signed_body(body);
		struct provider_event n = { .is_authenticated = false };

		if (take(&later, &v2, &n) != (rows_of[i].by_v2 ? EVENT_PARSE_OK : EVENT_PARSE_BAD_SIGNATURE))
			fail_msg("%s by V2", rows_of[i].piece);
		assert_int_equal(n.is_authenticated, rows_of[i].by_v2);
		if ((take(&later, &simple, &n) == EVENT_PARSE_OK) < rows_of[i].by_v2)
			fail_msg("%s by Simple", rows_of[i].piece);
		bytes.signature_v2 = bytes.signature; /* wrong, and not looked at */
		bytes.n_signatures_v2 = 1;
		assert_int_equal(take(&later, &bytes, &n), EVENT_PARSE_OK);
		assert_true(n.is_authenticated);
		arena_reset(&arena);
	}
}

/* didit-api.md 8: the vector, each header as it stands there. */
static void the_references_event_is_taken_by_each_header(void **state maybe_unused)
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
		"341fa78c43f1940f5ef5be430e47be4af04bfa64c3badba1ee828826ff1f533b", /* behind the time */
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
		struct provider_event n;

		assert_int_equal(take(&later, &webhook, &n), EVENT_PARSE_OK);
		assert_int_equal(n.is_authenticated, i < 3);
		assert_string_equal(n.ref.text, SESSION);
		assert_int_equal(n.status, STATUS_APPROVED);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, start, end)
	const struct CMUnitTest tests[] = {
		TEST(the_references_event_is_taken_by_each_header),
		TEST(v1_takes_its_own_signature_alone),
		TEST(v2_signs_what_is_said_not_how),
		TEST(what_only_simple_vouches_for_is_not_believed),
		TEST(simple_is_made_of_the_bodys_words),
		TEST(what_is_not_signed_is_not_looked_at),
		TEST(a_strangers_body_costs_a_bounded_memory),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
