#include "domain/tenant.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define TEN "0123456789"
#define FORTY TEN TEN TEN TEN
#define SIXTY TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text;
	bool want;
} names[] = {
	{ "a", true },
	{ "0", true },
	{ "bank-of-lisbon-2", true },
	{ "a-", true },
	{ "amz-019", true },
	{ SIXTY "abc", true },
	{ SIXTY "abcd", false },
	{ "", false },
	{ "-a", false },
	{ "A", false },
	{ "a_b", false },
	{ "a b", false },
	{ "@a", false },
	{ "caf\xc3\xa9", false },
	{ "a\n", false },
	{ "`", false },
	{ "{", false },
	{ "/", false },
	{ ":", false },
};

static void malformed_tenant_names_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(names); i++) {
		print_message("# name %zu\n", i);
		assert_int_equal(tenant_name_is_valid(str_of(names[i].text)), names[i].want);
	}
	assert_false(tenant_name_is_valid((struct str){ "a\0b", 3 }));
}

#define SMILE "\xf0\x9f\x98\x80"
#define SMILES SMILE SMILE SMILE SMILE SMILE SMILE SMILE SMILE SMILE SMILE

static const struct {
	const char *name, *text;
	bool want;
} display_names[] = {
	{ "plain", "Bank of Lisbon, Ltd. (\"BoL\") & <Co>", true },
	{ "accents", "Caf\xc3\xa9 S\xc3\xa3o Jo\xc3\xa3o", true },
	{ "Arabic", "\xd8\xa8\xd9\x86\xd9\x83", true },
	{ "Japanese", "\xe6\x97\xa5\xe6\x9c\xac\xe3\x80\x80\xe9\x8a\x80\xe8\xa1\x8c", true },
	{ "ideograph with variation selector", "\xe8\x91\x9b\xf3\xa0\x84\x80", true },
	{ "Devanagari", "\xe0\xa4\xac\xe0\xa5\x88\xe0\xa4\x82\xe0\xa4\x95", true },
	{ "Arabic currency format character", "\xe0\xa2\x90", false },
	{ "40 letters", FORTY, true },
	{ "41 letters", FORTY "x", false },
	{ "40 characters of 4 bytes", SMILES SMILES SMILES SMILES, true },
	{ "41 characters of 4 bytes", SMILES SMILES SMILES SMILES SMILE, false },
	{ "empty", "", false },
	{ "one space", " ", false },
	{ "only blanks of several kinds", " \xc2\xa0\xe3\x80\x80\xe2\xa0\x80\xe3\x85\xa4", false },
	{ "a line break", "two\nlines", false },
	{ "a carriage return", "two\rlines", false },
	{ "a tab", "a\tb", false },
	{ "an escape", "a\x1b[31mb", false },
	{ "a delete", "a\x7f", false },
	{ "a C1 control", "a\xc2\x85", false },
	{ "a soft hyphen", "a\xc2\xad", false },
	{ "a zero width space", "a\xe2\x80\x8b", false },
	/* Misleading characters are the point of these rows. NOLINTBEGIN(misc-misleading-bidirectional) */
	{ "a right-to-left override", "a\xe2\x80\xae", false },
	{ "an isolate", "a\xe2\x81\xa6", false },
	/* NOLINTEND(misc-misleading-bidirectional) */
	{ "a line separator", "a\xe2\x80\xa8", false },
	{ "a byte order mark", "a\xef\xbb\xbf", false },
	{ "an annotation", "a\xef\xbf\xb9", false },
	{ "private use character", "a\xee\x80\x80", false },
	{ "a noncharacter of the first plane", "a\xef\xbf\xbe", false },
	{ "a noncharacter of the last plane", "a\xf4\x8f\xbf\xbf", false },
	{ "a tag", "a\xf3\xa0\x80\xa0", false },
	{ "incomplete UTF-8 character", "a\xc3", false },
	{ "a surrogate", "a\xed\xa0\x80", false },
	{ "overlong encoding", "a\xc0\xaf", false },
};

static void unprintable_display_names_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(display_names); i++) {
		print_message("# %s\n", display_names[i].name);
		assert_int_equal(display_name_is_valid(str_of(display_names[i].text)), display_names[i].want);
	}
	assert_false(display_name_is_valid((struct str){ "a\0b", 3 }));
}

static void longest_display_name_fits_its_field(void **state)
{
	const struct str longest = str_of(SMILES SMILES SMILES SMILES);
	struct tenant t;

	(void)state;
	assert_true(str_copy_to(longest, t.display_name, sizeof(t.display_name)));
}

static void tenant_can_have_a_group_of_its_own(void **state)
{
	struct tenant t = { .id = { "01arz3ndektsv4rrffq69g5fav" } };

	(void)state;
	memset(t.group_name, 'x', sizeof(t.group_name));
	tenant_set_own_group(&t);
	assert_string_equal(t.group_name, "@01arz3ndektsv4rrffq69g5fav");
	/* A tenant that is in no common group has a group of its own, whose name operators cannot use. */
	assert_false(tenant_name_is_valid(str_of(t.group_name)));
	assert_true(tenant_has_own_group(&t));
	assert_true(str_copy_to(STR("both"), t.group_name, sizeof(t.group_name)));
	assert_false(tenant_has_own_group(&t));
}

static const struct {
	const char *name;
	int64_t expires, revoked, now;
	enum key_verdict want;
} keys[] = {
	{ "never expires", 0, 0, 1000, KEY_VALID },
	{ "1 ms before expiry", 1000, 0, 999, KEY_VALID },
	{ "at expiry", 1000, 0, 1000, KEY_EXPIRED },
	{ "1 ms after expiry", 1000, 0, 1001, KEY_EXPIRED },
	{ "revoked before", 0, 999, 1000, KEY_REVOKED },
	{ "revoked now", 0, 1000, 1000, KEY_REVOKED },
	{ "revoked by a clock that is ahead", 0, 1001, 1000, KEY_REVOKED },
	{ "revoked and expired", 999, 999, 1000, KEY_REVOKED },
};

static void key_validity_ends_at_expiry_or_revocation(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(keys); i++) {
		const struct api_key key = { .expires_at = { keys[i].expires },
			.revoked_at = { keys[i].revoked } };

		print_message("# %s\n", keys[i].name);
		assert_int_equal(key_check(&key, (moment){ keys[i].now }), keys[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_tenant_names_are_refused),
		cmocka_unit_test(unprintable_display_names_are_refused),
		cmocka_unit_test(longest_display_name_fits_its_field),
		cmocka_unit_test(tenant_can_have_a_group_of_its_own),
		cmocka_unit_test(key_validity_ends_at_expiry_or_revocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
