#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "domain/scope.h"

static void each_scope_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = SCOPE_ANY + 1; i < SCOPE_COUNT; i++) {
		enum scope found = SCOPE_ANY;

		assert_true(scope_read(str_of(scope_name((enum scope)i)), &found));
		assert_int_equal(found, i);
	}
}

static void other_names_are_refused(void **state)
{
	static const char *const other[] = { "", "kyc", "kyc:", "kyc:read ", "KYC:READ", "kyc:reads", "*",
		"users:write" };
	enum scope found = SCOPE_ANY;

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(scope_read(str_of(other[i]), &found));
	assert_int_equal(found, SCOPE_ANY);
}

/* The database stores these bits, so they must not change. */
static void stored_bits_are_fixed(void **state)
{
	(void)state;
	assert_int_equal(SCOPES_DEFAULT, 3);
	assert_int_equal(SCOPE_BIT(SCOPE_EVENTS_READ), 4);
	assert_int_equal(SCOPE_BIT(SCOPE_WEBHOOKS_READ), 8);
	assert_int_equal(SCOPE_BIT(SCOPE_WEBHOOKS_WRITE), 16);
	assert_int_equal(SCOPE_BIT(SCOPE_USERS_READ), 32);
	assert_int_equal(SCOPE_BIT(SCOPE_USERS_ADDRESS), 64);
}

static void write_includes_read(void **state)
{
	static const struct {
		enum scope added;
		const char *names;
	} rows[] = {
		{ SCOPE_KYC_READ, "kyc:read" },
		{ SCOPE_KYC_WRITE, "kyc:read kyc:write" },
		{ SCOPE_EVENTS_READ, "events:read" },
		{ SCOPE_WEBHOOKS_WRITE, "webhooks:read webhooks:write" },
		{ SCOPE_USERS_ADDRESS, "users:address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char names[SCOPE_NAMES_SIZE];
		scope_set set = 0;

		scope_set_add(&set, rows[i].added);
		scope_set_write(set, ' ', names);
		assert_string_equal(names, rows[i].names);
	}
}

static void every_scope_fits_one_text(void **state)
{
	char names[SCOPE_NAMES_SIZE];

	(void)state;
	scope_set_write(SCOPES_ALL, ',', names);
	assert_string_equal(names,
		"kyc:read,kyc:write,events:read,webhooks:read,webhooks:write,users:read,users:address");
	scope_set_write(0, ',', names);
	assert_string_equal(names, "");
	assert_true(scope_set_has(0, SCOPE_ANY));
	assert_false(scope_set_has(SCOPES_ALL & ~SCOPE_BIT(SCOPE_KYC_READ), SCOPE_KYC_READ));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scope_is_found_by_its_name),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(stored_bits_are_fixed),
		cmocka_unit_test(write_includes_read),
		cmocka_unit_test(every_scope_fits_one_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
