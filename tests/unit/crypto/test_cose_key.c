#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/cose_key.h"

#define X "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define Y "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
#define N_64 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"
#define N N_64 N_64 N_64 N_64
/* The members of keys, in CBOR. */
#define TYPE_OKP "\x01\x01"
#define TYPE_EC2 "\x01\x02"
#define TYPE_RSA "\x01\x03"
#define ES256 "\x03\x26"
#define EDDSA "\x03\x27"
#define RS256 "\x03\x39\x01\x00"
#define P256 "\x20\x01"
#define ED25519 "\x20\x06"
#define NUMBER_X "\x21\x58\x20" X
#define NUMBER_Y "\x22\x58\x20" Y
#define MODULUS "\x20\x59\x01\x00" N
#define EXPONENT "\x21\x43\x01\x00\x01"

static const struct {
	const char *name;
	struct str cbor;
	enum webauthn_verdict verdict;
	int algorithm;
	struct str bytes;
} rows[] = {
	{ "ES256", STR_INIT("\xA5" TYPE_EC2 ES256 P256 NUMBER_X NUMBER_Y), WEBAUTHN_ACCEPTED, WEBAUTHN_ES256,
		STR_INIT(X Y) },
	{ "EdDSA", STR_INIT("\xA4" TYPE_OKP EDDSA ED25519 NUMBER_X), WEBAUTHN_ACCEPTED, WEBAUTHN_EDDSA,
		STR_INIT(X) },
	{ "RS256", STR_INIT("\xA4" TYPE_RSA RS256 MODULUS EXPONENT), WEBAUTHN_ACCEPTED, WEBAUTHN_RS256,
		STR_INIT(N "\x01\x00\x01") },
	{ "another order of members", STR_INIT("\xA5" NUMBER_Y NUMBER_X P256 ES256 TYPE_EC2),
		WEBAUTHN_ACCEPTED, WEBAUTHN_ES256, STR_INIT(X Y) },
	{ "longer forms of numbers",
		STR_INIT("\xB8\x05\x18\x01\x19\x00\x02\x03\x38\x06" P256 NUMBER_X "\x22\x59\x00\x20" Y),
		WEBAUTHN_ACCEPTED, WEBAUTHN_ES256, STR_INIT(X Y) },

	{ "ES384", STR_INIT("\xA3" TYPE_EC2 "\x03\x38\x22\x20\x02"), WEBAUTHN_UNKNOWN_ALGORITHM, 0,
		{ NULL, 0 } },
	{ "RS1", STR_INIT("\xA4" TYPE_RSA "\x03\x39\xFF\xFE" MODULUS EXPONENT), WEBAUTHN_UNKNOWN_ALGORITHM, 0,
		{ NULL, 0 } },
	{ "a number that is 32 bits away from ES256",
		STR_INIT("\xA5" TYPE_EC2 "\x03\x3B\0\0\0\1\0\0\0\6" P256 NUMBER_X NUMBER_Y),
		WEBAUTHN_UNKNOWN_ALGORITHM, 0, { NULL, 0 } },

	{ "nothing", { NULL, 0 }, WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "no map", STR_INIT("\x85" TYPE_EC2 ES256 P256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "an empty map", STR_INIT("\xA0"), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "without a type", STR_INIT("\xA4" ES256 P256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "without an algorithm", STR_INIT("\xA4" TYPE_EC2 P256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "without a curve", STR_INIT("\xA4" TYPE_EC2 ES256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "without x", STR_INIT("\xA4" TYPE_EC2 ES256 P256 NUMBER_Y), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "without y", STR_INIT("\xA4" TYPE_EC2 ES256 P256 NUMBER_X), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "without a modulus", STR_INIT("\xA3" TYPE_RSA RS256 EXPONENT), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "without an exponent", STR_INIT("\xA3" TYPE_RSA RS256 MODULUS), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "EdDSA without x", STR_INIT("\xA3" TYPE_OKP EDDSA ED25519), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "y of EdDSA", STR_INIT("\xA5" TYPE_OKP EDDSA ED25519 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "a third number of RSA", STR_INIT("\xA5" TYPE_RSA RS256 MODULUS EXPONENT NUMBER_Y),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "another type", STR_INIT("\xA5" TYPE_OKP ES256 P256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "another curve", STR_INIT("\xA5" TYPE_EC2 ES256 "\x20\x02" NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "X25519", STR_INIT("\xA4" TYPE_OKP EDDSA "\x20\x04" NUMBER_X), WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a curve in bytes", STR_INIT("\xA5" TYPE_EC2 ES256 "\x20\x41\x01" NUMBER_X NUMBER_Y),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a type as text", STR_INIT("\xA5\x01\x61\x02" ES256 P256 NUMBER_X NUMBER_Y), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "an algorithm as text", STR_INIT("\xA5" TYPE_EC2 "\x03\x61-" P256 NUMBER_X NUMBER_Y),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a compressed point", STR_INIT("\xA5" TYPE_EC2 ES256 P256 NUMBER_X "\x22\xF5"), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "x as text", STR_INIT("\xA4" TYPE_OKP EDDSA ED25519 "\x21\x78\x20" X), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "x with a byte less", STR_INIT("\xA4" TYPE_OKP EDDSA ED25519 "\x21\x58\x1F" X), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "x with a byte more", STR_INIT("\xA4" TYPE_OKP EDDSA ED25519 "\x21\x58\x21" X "x"),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "an exponent of 4 bytes", STR_INIT("\xA4" TYPE_RSA RS256 MODULUS "\x21\x44\x00\x01\x00\x01"),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a modulus of 384 bytes", STR_INIT("\xA4" TYPE_RSA RS256 "\x20\x59\x01\x80" N N_64 N_64 EXPONENT),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "x twice", STR_INIT("\xA5" TYPE_OKP EDDSA ED25519 NUMBER_X NUMBER_X), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "the algorithm twice", STR_INIT("\xA5" TYPE_OKP ES256 EDDSA ED25519 NUMBER_X), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "an optional member (key operations)", STR_INIT("\xA5" TYPE_OKP EDDSA "\x04\x80" ED25519 NUMBER_X),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a member below the numbers", STR_INIT("\xA5" TYPE_OKP EDDSA ED25519 NUMBER_X "\x23\x01"),
		WEBAUTHN_MALFORMED, 0, { NULL, 0 } },
	{ "a label of 0", STR_INIT("\xA5" TYPE_OKP EDDSA ED25519 NUMBER_X "\x00\x01"), WEBAUTHN_MALFORMED, 0,
		{ NULL, 0 } },
	{ "a label as text", STR_INIT("\xA5" TYPE_OKP EDDSA ED25519 NUMBER_X "\x61x\x01"), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "a list in the key", STR_INIT("\xA5" TYPE_EC2 ES256 P256 NUMBER_X "\x22\x80"), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
	{ "a byte after the key", STR_INIT("\xA4" TYPE_OKP EDDSA ED25519 NUMBER_X "\0"), WEBAUTHN_MALFORMED,
		0, { NULL, 0 } },
};

static void keys_are_read_or_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct cose_key key;

		print_message("# %s\n", rows[i].name);
		assert_int_equal(cose_key_read(rows[i].cbor, &key), rows[i].verdict);
		if (rows[i].verdict != WEBAUTHN_ACCEPTED)
			continue;
		assert_int_equal(key.algorithm, rows[i].algorithm);
		assert_int_equal(key.n, rows[i].bytes.n);
		assert_memory_equal(key.bytes, rows[i].bytes.p, key.n);
	}
}

static void truncated_keys_are_malformed(void **state maybe_unused)
{
	struct cose_key key;

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n < rows[i].cbor.n; n++)
			assert_int_equal(
				cose_key_read((struct str){ rows[i].cbor.p, n }, &key), WEBAUTHN_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_read_or_refused),
		cmocka_unit_test(truncated_keys_are_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
