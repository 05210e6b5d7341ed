#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/api_key.h"

/* This key was computed with independent code from the bytes 190, 197, 204, ... (modulo 256). Three of the
 * first 43 bytes are rejected. */
static const char known[] = "kycd_4BIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj";

static void set_known_bytes(unsigned char random[64])
{
	for (size_t i = 0; i < 64; i++)
		random[i] = (unsigned char)(190 + 7 * i);
}

static void known_bytes_give_the_known_key(void **state maybe_unused)
{
	unsigned char random[64];
	char key[API_KEY_LENGTH + 1];

	set_known_bytes(random);
	assert_true(api_key_make(random, key));
	assert_string_equal(key, known);
	assert_int_equal(strlen(key), 51);
}

/* The 248 lowest values of a byte, 4 * 62, give each of the 62 characters four times. The values 248 to 255
 * are rejected, because they would make eight characters more likely. */
static void every_character_comes_from_four_byte_values(void **state maybe_unused)
{
	unsigned char random[64];
	char key[API_KEY_LENGTH + 1];
	int count[256] = { 0 };

	for (int byte = 0; byte < 256; byte++) {
		memset(random, 0, sizeof(random));
		random[0] = (unsigned char)byte;
		random[1] = 61; /* 'z': the second character, or the first when `byte` is rejected */
		assert_true(api_key_make(random, key));
		if (byte >= 248) {
			assert_memory_equal(key, "kycd_z0", 7);
			continue;
		}
		assert_int_equal(key[6], 'z');
		count[(unsigned char)key[5]]++;
	}
	for (int c = 0; c < 256; c++)
		assert_true(count[c] == 0 || count[c] == 4);
}

static void too_many_rejected_bytes_give_no_key(void **state maybe_unused)
{
	unsigned char random[64];
	char key[API_KEY_LENGTH + 1] = "before";

	memset(random, 255, sizeof(random));
	assert_false(api_key_make(random, key));
	memset(random, 0, 39);
	assert_false(api_key_make(random, key));
	assert_string_equal(key, "before");
	random[63] = 247; /* the fortieth usable byte is the last one */
	assert_true(api_key_make(random, key));
	assert_int_equal(key[API_KEY_LENGTH - 7], 'z');
	memset(random, 248, 24);
	memset(random + 24, 7, 40);
	assert_true(api_key_make(random, key));
	memset(random, 248, 25);
	assert_false(api_key_make(random, key));
}

static void every_random_byte_changes_key_and_checksum(void **state maybe_unused)
{
	unsigned char random[64] = { 0 };
	char key[API_KEY_LENGTH + 1], other[API_KEY_LENGTH + 1];

	assert_true(api_key_make(random, key));
	for (size_t i = 0; i < 40; i++) {
		random[i] = 1;
		assert_true(api_key_make(random, other));
		assert_int_equal(other[5 + i], '1');
		assert_memory_not_equal(key + 45, other + 45, 6);
		random[i] = 0;
	}
}

static void valid_key_gives_its_id(void **state maybe_unused)
{
	char id[API_KEY_ID + 1];

	assert_true(api_key_read(str_of(known), id));
	assert_string_equal(id, "4BIPWdkr");
}

static void key_with_a_changed_character_is_refused(void **state maybe_unused)
{
	static const char others[] = "09AZaz_-! \x80";
	char id[API_KEY_ID + 1] = "before";
	char changed[sizeof(known)];

	for (size_t i = 0; i < API_KEY_LENGTH; i++) {
		for (size_t k = 0; k < sizeof(others); k++) { /* includes the terminating 0 */
			if (others[k] == known[i])
				continue;
			memcpy(changed, known, sizeof(known));
			changed[i] = others[k];
			assert_false(api_key_read((struct str){ changed, API_KEY_LENGTH }, id));
		}
	}
	assert_string_equal(id, "before");
}

/* The keys have a correct checksum, but contain a character outside base62. */
static void key_with_a_character_outside_base62_is_refused(void **state maybe_unused)
{
	static const char *const keys[] = {
		"kycd_/1111111111111111111111111111111111111112myLes",
		"kycd_:1111111111111111111111111111111111111110M7Jro",
		"kycd_@1111111111111111111111111111111111111111SeS6n",
		"kycd_[1111111111111111111111111111111111111114JxACK",
		"kycd_`1111111111111111111111111111111111111112IO7hY",
		"kycd_{1111111111111111111111111111111111111113yfWVd",
		"kycd_111111111111111111111111111111111111111 0kZpcn",
	};
	char id[API_KEY_ID + 1];

	assert_true(api_key_read(STR("kycd_09AZaz11111111111111111111111111111111110pOScq"), id));
	assert_string_equal(id, "09AZaz11");
	for (size_t i = 0; i < array_len(keys); i++)
		if (api_key_read(str_of(keys[i]), id))
			fail_msg("%s was read", keys[i]);
}

static void malformed_keys_are_refused(void **state maybe_unused)
{
	static const struct {
		const char *name;
		struct str text;
	} rows[] = {
		{ "nothing", { NULL, 0 } },
		{ "the prefix", STR_INIT("kycd_") },
		{ "one character less", STR_INIT("kycd_4BIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpsw") },
		{ "one character more", STR_INIT("kycd_4BIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj0") },
		{ "a space before", STR_INIT(" kycd_4BIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj") },
		{ "another prefix", STR_INIT("KYCD_4BIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj") },
		{ "two swapped", STR_INIT("kycd_B4IPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj") },
		{ "another case", STR_INIT("kycd_4bIPWdkry4BIPWdkry5CJQXelsz6DKRYfmt07ELS1vpswj") },
	};
	char id[API_KEY_ID + 1];

	for (size_t i = 0; i < array_len(rows); i++)
		if (api_key_read(rows[i].text, id))
			fail_msg("%s was read", rows[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bytes_give_the_known_key),
		cmocka_unit_test(every_character_comes_from_four_byte_values),
		cmocka_unit_test(too_many_rejected_bytes_give_no_key),
		cmocka_unit_test(every_random_byte_changes_key_and_checksum),
		cmocka_unit_test(valid_key_gives_its_id),
		cmocka_unit_test(key_with_a_changed_character_is_refused),
		cmocka_unit_test(key_with_a_character_outside_base62_is_refused),
		cmocka_unit_test(malformed_keys_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
