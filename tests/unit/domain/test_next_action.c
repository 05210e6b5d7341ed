#include "domain/next_action.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static const char *action(bool is_verified, enum address_kind kind, enum create_verdict create, int status)
{
	const struct next_action_facts facts = { is_verified, kind, create, (enum session_status)status };

	return next_action_name(next_action_of(&facts));
}

/* Every combination of verdict, status, kind and verification. */
static void each_combination_has_one_action(void **state)
{
	static const struct {
		enum create_verdict create;
		const char *action, *in_review;
	} rows[] = {
		{ CREATE_NEW, "start_session", "start_session" },
		{ CREATE_RESUME, "continue_session", "wait" },
		{ CREATE_APPROVED_ALREADY, "none", "none" },
		{ CREATE_WAIT, "start_session", "start_session" },
		{ CREATE_ABANDONED, "start_session", "start_session" },
		{ CREATE_REFUSED, "contact_support", "contact_support" },
	};
	static_assert(array_len(rows) == CREATE_REFUSED + 1, "every verdict has a row");

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		for (int s = 0; s < STATUS_COUNT; s++) {
			const char *const want = s == STATUS_IN_REVIEW ? rows[i].in_review : rows[i].action;

			assert_string_equal(action(true, ADDRESS_EMAIL, rows[i].create, s), want);
			assert_string_equal(action(true, ADDRESS_WALLET, rows[i].create, s), want);
			assert_string_equal(action(false, ADDRESS_EMAIL, rows[i].create, s), "verify_email");
			assert_string_equal(
				action(false, ADDRESS_WALLET, rows[i].create, s), "verify_wallet");
		}
}

static void names_end_after_the_last_action(void **state)
{
	(void)state;
	for (int a = 0; a < NEXT_ACTION_COUNT; a++)
		assert_string_equal(next_action_name_at((size_t)a), next_action_name((enum next_action)a));
	assert_null(next_action_name_at(NEXT_ACTION_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_combination_has_one_action),
		cmocka_unit_test(names_end_after_the_last_action),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
