#include "domain/audit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

/* Databases store the numbers of the actions, so an action may be added at the end, but never moved. */
static const struct {
	enum audit_action action;
	const char *want;
} stored_numbers[] = {
	{ (enum audit_action)0, "prepared" },
	{ (enum audit_action)1, "code_sent" },
	{ (enum audit_action)15, "user_erased" },
	{ (enum audit_action)18, "link_refused" },
};

static void actions_keep_their_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(stored_numbers); i++)
		assert_string_equal(audit_action_name(stored_numbers[i].action), stored_numbers[i].want);
}

static void every_action_has_a_unique_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < AUDIT_COUNT; i++) {
		const char *name = audit_action_name((enum audit_action)i);

		assert_true(name[0] >= 'a' && name[0] <= 'z');
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(name, audit_action_name((enum audit_action)j));
	}
}

static void every_actor_kind_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(actor_kind_name(ACTOR_KEY), "key");
	assert_string_equal(actor_kind_name(ACTOR_OPERATOR), "operator");
	assert_string_equal(actor_kind_name(ACTOR_WORKER), "worker");
	assert_string_equal(actor_kind_name(ACTOR_PROVIDER), "provider");
	assert_string_equal(actor_kind_name(ACTOR_LINK), "link");
	assert_string_equal(actor_kind_name((enum actor_kind)0), "unknown");
	assert_string_equal(actor_kind_name((enum actor_kind)(ACTOR_LINK + 1)), "unknown");
	assert_string_equal(audit_action_name(AUDIT_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions_keep_their_numbers),
		cmocka_unit_test(every_action_has_a_unique_name),
		cmocka_unit_test(every_actor_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
