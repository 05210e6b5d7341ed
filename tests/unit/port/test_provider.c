#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "port/provider.h"

/* The name of each cause as `details.cause` in the API, and whether the provider may have created a session
 * although the call failed with this cause. */
static const struct {
	enum provider_cause cause;
	const char *name;
	bool may_have_created;
} rows[] = {
	{ PROVIDER_OK, "fine", false },
	{ PROVIDER_UNREACHABLE, "provider_unreachable", true },
	{ PROVIDER_INVALID_RESPONSE, "provider_unreachable", true },
	{ PROVIDER_UNUSABLE, "provider_refused", true },
	{ PROVIDER_REFUSED, "provider_refused", false },
	{ PROVIDER_CREDITS, "provider_credits", false },
	{ PROVIDER_LIMIT, "provider_limit", false },
	{ PROVIDER_UNKNOWN_SESSION, "provider_unknown_session", false },
	{ PROVIDER_UNKNOWN_STATUS, "provider_unknown_status", false },
	{ PROVIDER_PAUSED, "provider_paused", false },
};

static void every_cause_has_its_name(void **state)
{
	(void)state;
	assert_int_equal(array_len(rows), PROVIDER_CAUSES);
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_string_equal(provider_cause_name(rows[i].cause), rows[i].name);
		assert_int_equal(provider_may_have_created(rows[i].cause), rows[i].may_have_created);
	}
}

static void unknown_word_is_copied_without_special_characters(void **state)
{
	static const char *const words[][2] = {
		{ "On Hold", "On Hold" },
		{ "", "" },
		{ "a\"b\nc@d=e", "a_b_c_d_e" },
		{ "v2.in-review", "v2.in-review" },
		{ "\xc3\xa4", "__" },
		{ "123456789012345678901234567890123456789012345678",
			"123456789012345678901234567890123456789012345678" },
		{ "1234567890123456789012345678901234567890123456789",
			"123456789012345678901234567890123456789012345678" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(words); i++) {
		char copy[PROVIDER_WORD_SIZE];

		const size_t n = provider_word_copy(str_of(words[i][0]), copy, sizeof(copy));
		assert_int_equal(n, strlen(words[i][1]));
		assert_string_equal(copy, words[i][1]);
	}
}

static void every_reason_has_a_name_and_an_action(void **state)
{
	(void)state;
	assert_string_equal(provider_reason_name(PROVIDER_REASON_NONE), "");
	for (enum provider_reason r = PROVIDER_REASON_NONE + 1; r < PROVIDER_REASONS; r++) {
		assert_true(strlen(provider_reason_name(r)) > 0);
		assert_true(strlen(provider_reason_action(r)) > 0);
		for (enum provider_reason other = PROVIDER_REASON_NONE; other < r; other++)
			assert_string_not_equal(provider_reason_name(r), provider_reason_name(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_has_its_name),
		cmocka_unit_test(every_reason_has_a_name_and_an_action),
		cmocka_unit_test(unknown_word_is_copied_without_special_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
