#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "text/encode.h"

static void assert_digest(const char *name, const unsigned char digest[DIGEST_BYTES], const char *hex)
{
	char got[2 * DIGEST_BYTES + 1];

	hex_write(digest, DIGEST_BYTES, got);
	if (strcmp(got, hex) != 0)
		fail_msg("%s: %s instead of %s", name, got, hex);
}

/* The expected digests are the examples of FIPS 180-4 in NIST's "SHA256.pdf" and in its appendix. */
static void sha256_matches_the_examples_of_fips_180(void **state maybe_unused)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	unsigned char digest[DIGEST_BYTES];

	for (size_t i = 0; i < array_len(rows); i++) {
		sha256(str_of(rows[i].text), digest);
		assert_digest(rows[i].text, digest, rows[i].hex);
	}
	sha256((struct str){ NULL, 0 }, digest);
	assert_digest("the empty slice", digest, rows[0].hex);
}

static void sha256_of_a_million_bytes_matches_the_example(void **state maybe_unused)
{
	const size_t n = 1000000;
	char *const text = malloc(n);
	unsigned char digest[DIGEST_BYTES];

	assert_non_null(text);
	memset(text, 'a', n);
	sha256((struct str){ text, n }, digest);
	free(text);
	assert_digest(
		"a million", digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Fills the buffer with `byte`, `n` times, and returns it as a string. */
static struct str repeat_byte(char *buffer, int byte, size_t n)
{
	memset(buffer, byte, n);
	return (struct str){ buffer, n };
}

/* RFC 4231, test cases 1 to 4, 6 and 7. */
static void hmac_matches_the_test_cases_of_rfc_4231(void **state maybe_unused)
{
	char key[131], message[64];
	static const char counted[] =
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
		"\x13\x14\x15\x16\x17\x18\x19";
	unsigned char digest[DIGEST_BYTES];

	hmac_sha256(repeat_byte(key, 0x0b, 20), STR("Hi There"), digest);
	assert_digest("1", digest, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), digest);
	assert_digest("2", digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	hmac_sha256(repeat_byte(key, 0xaa, 20), repeat_byte(message, 0xdd, 50), digest);
	assert_digest("3", digest, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	hmac_sha256((struct str){ counted, sizeof(counted) - 1 }, repeat_byte(message, 0xcd, 50), digest);
	assert_digest("4", digest, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	hmac_sha256(repeat_byte(key, 0xaa, 131),
		STR("Test Using Larger Than Block-Size Key - Hash Key First"), digest);
	assert_digest("6", digest, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_sha256(repeat_byte(key, 0xaa, 131),
		STR("This is a test using a larger than block-size key and a larger than block-size data. The key "
		    "needs to be hashed before being used by the HMAC algorithm."),
		digest);
	assert_digest("7", digest, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

/* The expected signatures are those of Didit's documentation: over the body, and over the short form with the
 * session id and status. */
static void hmac_matches_webhook_signatures_of_didit(void **state maybe_unused)
{
	const struct str secret = STR("test_webhook_secret_not_real_0123456789abcde");
	unsigned char digest[DIGEST_BYTES];

	hmac_sha256(secret,
		STR("{\"created_at\":1767225600,\"list\":[3,1.0,{\"a\":2,\"b\":1}],\"name\":\"Jos\\u00e9 "
		    "\\u00d1and\\u00fa\",\"ratio\":0.25,\"score\":97.0,\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-"
		    "0c1d2e3f4a5b\",\"status\":\"Approved\",\"timestamp\":1767225600,\"url\":\"https://example.com"
		    "/a\",\"vendor_data\":\"user-42\",\"webhook_type\":\"status.updated\",\"workflow_id\":"
		    "\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"),
		digest);
	assert_digest("raw", digest, "1ed5ca9d172322871cbe31c29ea9ec41594699770930ad2d01c3d30d7f08d3c1");
	hmac_sha256(secret, STR("1767225600:7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b:Approved:status.updated"),
		digest);
	assert_digest("simple", digest, "57d171c344053eea5b7e779d6ffa87ad4e0cad151b7ebf7d32109c0b0895c674");
}

static void set_counting_key(struct secret_key *key)
{
	for (size_t i = 0; i < sizeof(key->bytes); i++)
		key->bytes[i] = (unsigned char)i;
}

/* The expected digests were computed from the description in digest.h with another implementation of HMAC. */
static void keyed_digest_prefixes_parts_with_their_length(void **state maybe_unused)
{
	static const struct str parts[] = { STR_INIT("a"), STR_INIT(""), STR_INIT("bc") };
	struct secret_key key cleanup_with(secret_key_wipe);
	unsigned char digest[DIGEST_BYTES];

	set_counting_key(&key);
	keyed_digest(&key, parts, array_len(parts), digest);
	assert_digest("a||bc", digest, "c1c38719f83f4d84a09acce97a3178169385066ec274419300291e282f5401c9");
}

static void keyed_digest_differs_for_different_part_lists(void **state maybe_unused)
{
	static const struct {
		struct str parts[3];
		size_t n;
	} rows[] = {
		{ { { NULL, 0 } }, 0 },
		{ { STR_INIT("") }, 1 },
		{ { STR_INIT(""), STR_INIT("") }, 2 },
		{ { STR_INIT("a"), STR_INIT("bc") }, 2 },
		{ { STR_INIT("ab"), STR_INIT("c") }, 2 },
		{ { STR_INIT("abc") }, 1 },
		{ { STR_INIT("abc"), STR_INIT("") }, 2 },
		{ { STR_INIT(""), STR_INIT("abc") }, 2 },
		{ { STR_INIT("a"), STR_INIT("b"), STR_INIT("c") }, 3 },
		{ { STR_INIT("bc"), STR_INIT("a") }, 2 },
		/* one part that contains the bytes of two parts with a length prefix between them */
		{ { STR_INIT("a\0\0\0\0\0\0\0\2bc") }, 1 },
	};
	unsigned char digests[array_len(rows)][DIGEST_BYTES];
	struct secret_key key cleanup_with(secret_key_wipe);

	set_counting_key(&key);
	for (size_t i = 0; i < array_len(rows); i++) {
		keyed_digest(&key, rows[i].parts, rows[i].n, digests[i]);
		for (size_t k = 0; k < i; k++)
			if (memcmp(digests[i], digests[k], DIGEST_BYTES) == 0)
				fail_msg("lists %zu and %zu have the same digest", k, i);
	}
}

static void keyed_digest_depends_on_every_byte_of_the_key(void **state maybe_unused)
{
	static const struct str part = STR_INIT("ada@example.com");
	unsigned char expected[DIGEST_BYTES], other[DIGEST_BYTES];
	struct secret_key key cleanup_with(secret_key_wipe);

	set_counting_key(&key);
	keyed_digest(&key, &part, 1, expected);
	for (size_t i = 0; i < sizeof(key.bytes); i++) {
		key.bytes[i] ^= 0x80;
		keyed_digest(&key, &part, 1, other);
		assert_memory_not_equal(expected, other, DIGEST_BYTES);
		key.bytes[i] ^= 0x80;
	}
}

/* The expected digests were computed with another implementation of BLAKE2b. */
static void long_digest_prefixes_pieces_with_their_length(void **state maybe_unused)
{
	static const struct str pieces[] = { STR_INIT("ab"), STR_INIT(""), STR_INIT("c") };
	unsigned char digest[DIGEST_BYTES];
	struct long_digest d;

	long_digest_begin(&d);
	for (size_t i = 0; i < array_len(pieces); i++)
		long_digest_add(&d, pieces[i]);
	long_digest_end(&d, digest);
	assert_digest("ab||c", digest, "60f34cbbaadc0bd6f0828b856f0201cc1f2944b867f90974d3d59c6374fad6a1");
}

static void constant_time_comparison_detects_every_bit(void **state maybe_unused)
{
	unsigned char a[DIGEST_BYTES] = { 1, 2, 3 }, b[DIGEST_BYTES] = { 1, 2, 3 };

	assert_true(equal_constant_time(a, b, sizeof(a)));
	assert_true(equal_constant_time(a, b, 0));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(equal_constant_time(a, b, sizeof(a)));
		b[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
}

static void wiping_writes_zeros(void **state maybe_unused)
{
	static const unsigned char zeros[sizeof(struct secret_key)];
	struct secret_key key;

	set_counting_key(&key);
	secret_key_wipe(&key);
	assert_memory_equal(&key, zeros, sizeof(key));
	set_counting_key(&key);
	secure_wipe(&key, 16);
	assert_memory_equal(&key, zeros, 16);
	assert_int_equal(key.bytes[16], 16);
}

/* The accepted random numbers are 0 to `last_accepted`. Their count is a multiple of the number of codes, so
 * every code comes from the same number of them. */
static void code_rejects_numbers_that_would_bias_it(void **state maybe_unused)
{
	static const struct {
		int digits;
		uint64_t codes, last_accepted;
		const char *highest;
	} rows[] = {
		{ 4, 10000, UINT64_C(18446744073709549999), "9999" },
		{ 5, 100000, UINT64_C(18446744073709499999), "99999" },
		{ 6, 1000000, UINT64_C(18446744073708999999), "999999" },
		{ 7, 10000000, UINT64_C(18446744073699999999), "9999999" },
		{ 8, 100000000, UINT64_C(18446744073699999999), "99999999" },
	};
	char code[9];

	for (size_t i = 0; i < array_len(rows); i++) {
		const uint64_t last = rows[i].last_accepted;

		/* Check the row itself: the number of accepted values is the largest multiple of the number
		 * of codes that fits into 64 bits. */
		assert_true((last + 1) % rows[i].codes == 0);
		assert_true(UINT64_MAX - last < rows[i].codes);

		assert_true(code_from_random(last - 1, rows[i].digits, code));
		assert_int_equal(code[rows[i].digits - 1], '8');
		assert_true(code_from_random(last, rows[i].digits, code));
		assert_string_equal(code, rows[i].highest);
		assert_false(code_from_random(last + 1, rows[i].digits, code));
		assert_false(code_from_random(UINT64_MAX, rows[i].digits, code));
		assert_string_equal(code, rows[i].highest); /* a rejected number writes nothing */
	}
}

static void code_is_the_number_modulo_the_number_of_codes(void **state maybe_unused)
{
	static const struct {
		uint64_t random;
		int digits;
		const char *code;
	} rows[] = {
		{ 0, 4, "0000" },
		{ 0, 8, "00000000" },
		{ 1, 6, "000001" },
		{ 9, 6, "000009" },
		{ 10, 6, "000010" },
		{ 123456, 6, "123456" },
		{ 999999, 6, "999999" },
		{ 1000000, 6, "000000" },
		{ 1000001, 6, "000001" },
		{ UINT64_C(5000000) + 42, 6, "000042" },
		{ 99999999, 8, "99999999" },
	};
	char code[9];

	for (size_t i = 0; i < array_len(rows); i++) {
		assert_true(code_from_random(rows[i].random, rows[i].digits, code));
		assert_string_equal(code, rows[i].code);
	}
}

static void consecutive_numbers_give_every_code_once(void **state maybe_unused)
{
	const uint64_t last_accepted = UINT64_C(18446744073709549999);
	static unsigned char seen[10000];
	char code[9];

	for (uint64_t n = 0; n < 10000; n++) {
		assert_true(code_from_random(last_accepted - n, 4, code));
		seen[strtoul(code, NULL, 10)]++;
	}
	for (size_t i = 0; i < array_len(seen); i++)
		assert_int_equal(seen[i], 1);
}

static int start_crypto(void **state maybe_unused)
{
	return crypto_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_matches_the_examples_of_fips_180),
		cmocka_unit_test(sha256_of_a_million_bytes_matches_the_example),
		cmocka_unit_test(hmac_matches_the_test_cases_of_rfc_4231),
		cmocka_unit_test(hmac_matches_webhook_signatures_of_didit),
		cmocka_unit_test(keyed_digest_prefixes_parts_with_their_length),
		cmocka_unit_test(keyed_digest_differs_for_different_part_lists),
		cmocka_unit_test(keyed_digest_depends_on_every_byte_of_the_key),
		cmocka_unit_test(long_digest_prefixes_pieces_with_their_length),
		cmocka_unit_test(constant_time_comparison_detects_every_bit),
		cmocka_unit_test(wiping_writes_zeros),
		cmocka_unit_test(code_rejects_numbers_that_would_bias_it),
		cmocka_unit_test(code_is_the_number_modulo_the_number_of_codes),
		cmocka_unit_test(consecutive_numbers_give_every_code_once),
	};

	return cmocka_run_group_tests(tests, start_crypto, NULL);
}
