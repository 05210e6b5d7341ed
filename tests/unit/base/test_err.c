#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static void each_error_has_a_unique_name(void **state maybe_unused)
{
	for (int a = 0; a < ERR_COUNT; a++) {
		const char *name = err_name((enum err)a);

		assert_non_null(name);
		for (const char *c = name; *c != '\0'; c++)
			assert_true((*c >= 'a' && *c <= 'z') || *c == '_');
		for (int b = 0; b < a; b++)
			assert_string_not_equal(name, err_name((enum err)b));
	}
	assert_string_equal(err_name(OK), "ok");
	assert_string_equal(err_name(ERR_INPUT), "input");
	assert_string_equal(err_name(ERR_NOT_FOUND), "not_found");
	assert_string_equal(err_name(ERR_INTERNAL), "internal");
}

static void name_of_an_invalid_error_is_unknown(void **state maybe_unused)
{
	assert_string_equal(err_name(ERR_COUNT), "unknown");
	assert_string_equal(err_name((enum err)(ERR_COUNT + 5)), "unknown");
}

static int steps;

static enum err step(enum err e)
{
	steps++;
	return e;
}

static enum err three_steps(enum err second)
{
	TRY(step(OK));
	TRY(step(second));
	TRY(step(OK));
	return OK;
}

static void try_returns_at_the_first_error(void **state maybe_unused)
{
	steps = 0;
	assert_int_equal(three_steps(OK), OK);
	assert_int_equal(steps, 3);
	steps = 0;
	assert_int_equal(three_steps(ERR_BUSY), ERR_BUSY);
	assert_int_equal(steps, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_error_has_a_unique_name),
		cmocka_unit_test(name_of_an_invalid_error_is_unknown),
		cmocka_unit_test(try_returns_at_the_first_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
