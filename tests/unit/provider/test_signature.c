#include "provider/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "text/encode.h"

/* The example of didit-api.md 8. */
#define SECRET STR("test_webhook_secret_not_real_0123456789abcde")
#define OTHER STR("another secret")
#define RAW "1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"
#define V2 "29d663ebc193af7ca29d98ba7dd368104cf85480d98cf0345988dd07b97faaef"
#define STAMPED "341fa78c43f1940f5ef5be430e47be4af04bfa64c3badba1ee828826ff1f533b"
#define SIMPLE "57d171c344053eea5b7e779d6ffa87ad4e0cad151b7ebf7d32109c0b0895c674"
#define NONE NULL
static const struct str body = STR_INIT(
	"{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
	"\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\","
	"\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com/a\",\"vendor_data\":\"user-42\","
	"\"webhook_type\":\"status.updated\",\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}");
#define CANONICAL                                                                                                \
	"{\"created_at\":1767225600,\"list\":[3,1,{\"a\":2,\"b\":1}],\"name\":\"José Ñandú\",\"ratio\":0.25," \
	"\"score\":97,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"status\":\"Approved\","          \
	"\"timestamp\":1767225600,\"url\":\"https://example.com/a\",\"vendor_data\":\"user-42\","                \
	"\"webhook_type\":\"status.updated\",\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
static const moment event_time = { (int64_t)1767225600 * 1000 };

static struct signed_texts valid_texts(void)
{
	return (struct signed_texts){ .raw = body,
		.canonical = STR(CANONICAL),
		.stamped = STR("1767225600:" CANONICAL),
		.simple = STR("1767225600:7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b:Approved:status.updated") };
}

static struct provider_webhook webhook_with_signatures(const char *raw, const char *v2, const char *simple)
{
	return (struct provider_webhook){ .signature = str_of(raw),
		.signature_v2 = str_of(v2),
		.signature_simple = str_of(simple),
		.timestamp = STR("1767225600"),
		.body = body,
		.n_signatures = raw != NULL,
		.n_signatures_v2 = v2 != NULL,
		.n_signatures_simple = simple != NULL,
		.n_timestamps = 1 };
}

/* RAW with one digit changed. */
#define WRONG_AT_ITS_END "1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c0"
#define WRONG_AT_ITS_START "2ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1"

static const struct {
	const char *name, *raw, *v2, *simple;
	enum signature_scope scope;
} rows[] = {
	{ "all three", RAW, V2, SIMPLE, SIGNED_BODY },
	{ "all three, V2 with timestamp", RAW, STAMPED, SIMPLE, SIGNED_BODY },
	{ "X-Signature alone", RAW, NONE, NONE, SIGNED_BODY },
	{ "V2 alone", NONE, V2, NONE, SIGNED_BODY },
	{ "V2 with timestamp alone", NONE, STAMPED, NONE, SIGNED_BODY },
	{ "Simple alone", NONE, NONE, SIMPLE, SIGNED_SESSION },
	{ "Simple beside invalid ones", WRONG_AT_ITS_END, RAW, SIMPLE, SIGNED_SESSION },
	{ "V2 beside invalid ones", WRONG_AT_ITS_START, V2, RAW, SIGNED_BODY },
	{ "X-Signature beside invalid ones", RAW, RAW, RAW, SIGNED_BODY },
	{ "none", NONE, NONE, NONE, SIGNED_NOTHING },
	{ "valid signatures in the wrong headers", V2, SIMPLE, RAW, SIGNED_NOTHING },
	{ "last digit wrong", WRONG_AT_ITS_END, NONE, NONE, SIGNED_NOTHING },
	{ "first digit wrong", WRONG_AT_ITS_START, NONE, NONE, SIGNED_NOTHING },
};

static void each_valid_header_gives_its_scope(void **state maybe_unused)
{
	const struct signed_texts all = valid_texts();

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_webhook webhook = webhook_with_signatures(
			rows[i].raw, rows[i].v2, rows[i].simple);

		if (signature_verify(&webhook, &all, &SECRET, 1) != rows[i].scope)
			fail_msg("%s: wrong scope", rows[i].name);
		if (signature_verify(&webhook, &all, &OTHER, 1) != SIGNED_NOTHING)
			fail_msg("%s: accepted with another secret", rows[i].name);
		if (signature_verify(&webhook, &all, NULL, 0) != SIGNED_NOTHING)
			fail_msg("%s: accepted without a secret", rows[i].name);
		const struct str both[] = { OTHER, SECRET }, reversed[] = { SECRET, OTHER };
		if (signature_verify(&webhook, &all, both, 2) != rows[i].scope ||
			signature_verify(&webhook, &all, reversed, 2) != rows[i].scope)
			fail_msg("%s: wrong scope with two secrets", rows[i].name);
	}
}

/* All headers have valid signatures, each of another text. In each case only one of these texts is there. */
static void each_header_is_checked_against_its_own_text(void **state maybe_unused)
{
	const struct provider_webhook webhook = webhook_with_signatures(RAW, V2, SIMPLE),
				      stamped = webhook_with_signatures(RAW, STAMPED, SIMPLE);
	const struct signed_texts valid = valid_texts();
	const struct signed_texts raw = {
		.raw = valid.raw, .canonical = STR("x"), .stamped = STR("x"), STR("x")
	};
	const struct signed_texts v2 = { STR("x"), valid.canonical, STR("x"), STR("x") };
	const struct signed_texts stamped_only = { STR("x"), STR("x"), valid.stamped, STR("x") };
	const struct signed_texts simple = { STR("x"), STR("x"), STR("x"), valid.simple };
	const struct signed_texts none = { STR("x"), STR("x"), STR("x"), STR("x") };
	const struct signed_texts v1 = { .raw = STR("x") };

	assert_int_equal(signature_verify(&webhook, &raw, &SECRET, 1), SIGNED_BODY);
	assert_int_equal(signature_verify(&webhook, &v2, &SECRET, 1), SIGNED_BODY);
	assert_int_equal(signature_verify(&stamped, &stamped_only, &SECRET, 1), SIGNED_BODY);
	assert_int_equal(signature_verify(&webhook, &stamped_only, &SECRET, 1), SIGNED_NOTHING);
	assert_int_equal(signature_verify(&webhook, &simple, &SECRET, 1), SIGNED_SESSION);
	assert_int_equal(signature_verify(&webhook, &none, &SECRET, 1), SIGNED_NOTHING);
	assert_int_equal(signature_verify(&webhook, &v1, &SECRET, 1), SIGNED_NOTHING);
}

static struct provider_webhook webhook_with_one_header(size_t which, struct str hex, size_t n)
{
	struct provider_webhook webhook = webhook_with_signatures(NONE, NONE, NONE);
	struct str *const fields[] = { &webhook.signature, &webhook.signature_v2, &webhook.signature_simple };
	size_t *const counts[] = { &webhook.n_signatures, &webhook.n_signatures_v2,
		&webhook.n_signatures_simple };

	*fields[which] = hex;
	*counts[which] = n;
	return webhook;
}

static void malformed_or_repeated_signature_is_invalid(void **state maybe_unused)
{
	static const char *const signatures[] = { RAW, V2, SIMPLE };
	const struct signed_texts all = valid_texts();

	for (size_t i = 0; i < array_len(signatures); i++) {
		char bad[80] = "";
		const struct provider_webhook valid = webhook_with_one_header(i, str_of(signatures[i]), 1);
		const struct provider_webhook twice = webhook_with_one_header(i, str_of(signatures[i]), 2);
		struct provider_webhook all_headers = webhook_with_signatures(RAW, V2, SIMPLE);
		size_t *const counts[] = { &all_headers.n_signatures, &all_headers.n_signatures_v2,
			&all_headers.n_signatures_simple };
		struct provider_webhook webhook = webhook_with_one_header(i, (struct str){ bad, 64 }, 1);

		assert_int_not_equal(signature_verify(&valid, &all, &SECRET, 1), SIGNED_NOTHING);
		assert_int_equal(signature_verify(&twice, &all, &SECRET, 1), SIGNED_NOTHING);
		assert_false(signature_is_repeated(&all_headers));
		*counts[i] = 2; /* the other headers are valid */
		assert_true(signature_is_repeated(&all_headers));
		assert_int_equal(signature_verify(&all_headers, &all, &SECRET, 1), SIGNED_NOTHING);
		for (size_t at = 0; at < 64; at++) { /* one digit in upper case, not hex, or changed */
			memcpy(bad, signatures[i], 64);
			bad[at] = (char)toupper((unsigned char)bad[at]);
			if (memcmp(bad, signatures[i], 64) != 0)
				assert_int_equal(
					signature_verify(&webhook, &all, &SECRET, 1), SIGNED_NOTHING);
			bad[at] = 'g';
			assert_int_equal(signature_verify(&webhook, &all, &SECRET, 1), SIGNED_NOTHING);
			bad[at] = signatures[i][at] == '0' ? '1' : '0';
			assert_int_equal(signature_verify(&webhook, &all, &SECRET, 1), SIGNED_NOTHING);
		}
		memcpy(bad, signatures[i], 64);
		memcpy(bad + 64, "11", 2);
		for (size_t n = 0; n <= 66; n++) {
			webhook = webhook_with_one_header(i, (struct str){ bad, n }, 1);
			assert_int_equal(
				signature_verify(&webhook, &all, &SECRET, 1) != SIGNED_NOTHING, n == 64);
		}
		snprintf(bad, sizeof(bad), "sha256=%s", signatures[i]);
		webhook = webhook_with_one_header(i, str_of(bad), 1);
		assert_int_equal(signature_verify(&webhook, &all, &SECRET, 1), SIGNED_NOTHING);
	}
}

static void empty_secret_never_matches(void **state maybe_unused)
{
	const struct str empty = STR("");
	const struct signed_texts all = valid_texts();
	unsigned char mac[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];

	hmac_sha256(empty, body, mac);
	hex_write(mac, sizeof(mac), hex);
	const struct provider_webhook webhook = webhook_with_one_header(0, str_of(hex), 1);
	assert_int_equal(signature_verify(&webhook, &all, &empty, 1), SIGNED_NOTHING);
}

static const struct {
	const char *text;
	size_t n;
	int64_t off_ms; /* our clock minus event_time, in milliseconds */
	bool fresh;
} timestamps[] = {
	{ "1767225600", 1, 0, true },
	{ "1767225600", 1, -301000, false },
	{ "1767225600", 1, -300001, false },
	{ "1767225600", 1, -300000, true },
	{ "1767225600", 1, -299000, true },
	{ "1767225600", 1, 299000, true },
	{ "1767225600", 1, 300000, true },
	{ "1767225600", 1, 300001, false },
	{ "1767225600", 1, 301000, false },
	{ "1767225300", 1, 0, true },
	{ "1767225299", 1, 0, false },
	{ "1767225301", 1, 0, true },
	{ "1767225899", 1, 0, true },
	{ "1767225900", 1, 0, true },
	{ "1767225901", 1, 0, false },
	{ "1767225600", 0, 0, false },
	{ "1767225600", 2, 0, false },
	{ "", 1, 0, false },
	{ "0", 1, 0, false },
	{ "1767225600.0", 1, 0, false },
	{ "+1767225600", 1, 0, false },
	{ "-1767225600", 1, 0, false },
	{ " 1767225600", 1, 0, false },
	{ "1767225600 ", 1, 0, false },
	{ "0x69558d00", 1, 0, false },
	{ "1.7672256e9", 1, 0, false },
	{ "1767225600000", 1, 0, false },
	{ "99999999999999999999999999", 1, 0, false },
};

static void timestamp_must_be_within_five_minutes(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(timestamps); i++) {
		struct provider_webhook webhook = webhook_with_signatures(RAW, NONE, NONE);

		webhook.timestamp = str_of(timestamps[i].text);
		webhook.n_timestamps = timestamps[i].n;
		if (signature_is_fresh(
			    &webhook, moment_add(event_time, milliseconds(timestamps[i].off_ms))) !=
			timestamps[i].fresh)
			fail_msg("%s at %lld ms", timestamps[i].text, (long long)timestamps[i].off_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_valid_header_gives_its_scope),
		cmocka_unit_test(each_header_is_checked_against_its_own_text),
		cmocka_unit_test(malformed_or_repeated_signature_is_invalid),
		cmocka_unit_test(empty_secret_never_matches),
		cmocka_unit_test(timestamp_must_be_within_five_minutes),
	};

	assert_true(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
