#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/authenticator.h"

#define HASH "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
#define COUNT "\x01\x02\x03\x04"
#define AAGUID "aaaaaaaaaaaaaaaa"

static const struct {
	const char *name;
	struct str bytes;
	unsigned flags;
	struct str credential_id, cose_key;
} readable[] = {
	{ "without a credential", STR_INIT(HASH "\x05" COUNT), 0x05, { NULL, 0 }, { NULL, 0 } },
	{ "with a credential", STR_INIT(HASH "\x45" COUNT AAGUID "\x00\x02id\xA1\x01\x02"), 0x45,
		STR_INIT("id"), STR_INIT("\xA1\x01\x02") },
	{ "with extensions", STR_INIT(HASH "\x85" COUNT "\xA1\x61x\xF5"), 0x85, { NULL, 0 }, { NULL, 0 } },
	{ "with both", STR_INIT(HASH "\xC5" COUNT AAGUID "\x00\x02id\xA1\x01\x82\x02\x03\xA0"), 0xC5,
		STR_INIT("id"), STR_INIT("\xA1\x01\x82\x02\x03") },
};

static void authenticator_bytes_are_read(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(readable); i++) {
		struct authenticator read;

		print_message("# %s\n", readable[i].name);
		assert_true(authenticator_read(readable[i].bytes, &read));
		assert_true(str_eq(read.rp_id_hash, STR(HASH)));
		assert_int_equal(read.flags, readable[i].flags);
		assert_int_equal(read.sign_count, 0x01020304);
		assert_true(str_eq(read.credential_id, readable[i].credential_id));
		assert_true(str_eq(read.cose_key, readable[i].cose_key));
	}
}

static void truncated_or_continued_bytes_are_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(readable); i++) {
		struct authenticator read;

		for (size_t n = 0; n < readable[i].bytes.n; n++)
			assert_false(authenticator_read((struct str){ readable[i].bytes.p, n }, &read));
		/* A literal is followed by a NUL. */
		assert_false(authenticator_read(
			(struct str){ readable[i].bytes.p, readable[i].bytes.n + 1 }, &read));
	}
}

static void malformed_bytes_are_refused(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str bytes;
	} rows[] = {
		{ "an empty id", STR_INIT(HASH "\x45" COUNT AAGUID "\x00\x00\xA1\x01\x02") },
		{ "an id that is longer than the data", STR_INIT(HASH "\x45" COUNT AAGUID "\xFF\xFFid\xA0") },
		{ "a key that is not CBOR", STR_INIT(HASH "\x45" COUNT AAGUID "\x00\x02id\xFF") },
		{ "extensions that are not a map", STR_INIT(HASH "\x85" COUNT "\x81\x01") },
		{ "a credential without its flag", STR_INIT(HASH "\x05" COUNT AAGUID "\x00\x02id\xA0") },
		{ "extensions without their flag", STR_INIT(HASH "\x05" COUNT "\xA0") },
	};
	struct authenticator read;

	for (size_t i = 0; i < array_len(rows); i++)
		if (authenticator_read(rows[i].bytes, &read))
			fail_msg("%s", rows[i].name);
}

#define FORMAT                                                                                               \
	"\x63"                                                                                               \
	"fmt\x64none"
#define STATEMENT                                                                                            \
	"\x67"                                                                                               \
	"attStmt\xA0"
#define DATA                                                                                                 \
	"\x68"                                                                                               \
	"authData\x42zz"

static void attestation_objects_are_read_or_refused(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str bytes;
		bool is_read;
	} rows[] = {
		{ "the canonical order", STR_INIT("\xA3" FORMAT STATEMENT DATA), true },
		{ "another order", STR_INIT("\xA3" DATA STATEMENT FORMAT), true },
		{ "nothing", { NULL, 0 }, false },
		{ "a list", STR_INIT("\x86" FORMAT STATEMENT DATA), false },
		{ "no format", STR_INIT("\xA2" STATEMENT DATA), false },
		{ "no statement", STR_INIT("\xA2" FORMAT DATA), false },
		{ "no data", STR_INIT("\xA2" FORMAT STATEMENT), false },
		{ "the data twice, and no format", STR_INIT("\xA3" DATA STATEMENT DATA), false },
		{ "the statement twice, and no data", STR_INIT("\xA3" FORMAT STATEMENT STATEMENT), false },
		{ "a fourth member", STR_INIT("\xA4" FORMAT STATEMENT DATA "\x61x\xF5"), false },
		{ "another name",
			STR_INIT("\xA3" FORMAT STATEMENT "\x68"
				 "authdata\x42zz"),
			false },
		{ "a name in bytes",
			STR_INIT("\xA3" FORMAT STATEMENT "\x48"
				 "authData\x42zz"),
			false },
		{ "a format that is no text",
			STR_INIT("\xA3\x63"
				 "fmt\x01" STATEMENT DATA),
			false },
		{ "data that is text",
			STR_INIT("\xA3" FORMAT STATEMENT "\x68"
				 "authData\x62zz"),
			false },
		{ "a malformed statement",
			STR_INIT("\xA3" FORMAT "\x67"
				 "attStmt\xC0\xA0" DATA),
			false },
		{ "a byte after the end", STR_INIT("\xA3" FORMAT STATEMENT DATA "\0"), false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str data = { NULL, 0 };

		print_message("# %s\n", rows[i].name);
		assert_int_equal(attestation_object_read(rows[i].bytes, &data), rows[i].is_read);
		if (rows[i].is_read)
			assert_true(str_eq(data, STR("zz")));
		for (size_t n = 0; rows[i].is_read && n < rows[i].bytes.n; n++)
			assert_false(attestation_object_read((struct str){ rows[i].bytes.p, n }, &data));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authenticator_bytes_are_read),
		cmocka_unit_test(truncated_or_continued_bytes_are_refused),
		cmocka_unit_test(malformed_bytes_are_refused),
		cmocka_unit_test(attestation_objects_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
