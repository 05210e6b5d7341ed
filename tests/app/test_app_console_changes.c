/* The word that tells the console's pages whether anything has changed. */
#include "app/console/changes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/event/numbering.h"
#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define EVA "eva.exemplo@example.com"

static const struct console_caller viewer_of_all = { .account = {
							     .id = { "all" }, .role = OPERATOR_VIEWER } };

static const char *word_of(struct app_fixture *fx, const struct console_caller *caller)
{
	enum console_verdict verdict;
	struct str word;

	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(console_changes_read(&fx->world, &fx->arena, caller, &word, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return arena_copy(&fx->arena, word).p;
}

static void word_changes_with_each_event_and_each_minute_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const char *const first = word_of(fx, &viewer_of_all);

	assert_string_equal(word_of(fx, &viewer_of_all), first);
	(void)fixture_prepare(fx, &shop, ANA);
	const char *const second = word_of(fx, &viewer_of_all);
	assert_string_not_equal(second, first);
	assert_string_equal(word_of(fx, &viewer_of_all), second);
	fixture_advance_clock(fx, minutes(1));
	assert_string_not_equal(word_of(fx, &viewer_of_all), second);
}

static void operator_of_one_tenant_learns_nothing_of_others(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	struct console_caller viewer = { .account = { .id = { "one" }, .role = OPERATOR_VIEWER } };

	assert_true(operator_account_add_tenant(&viewer.account, &shop.tenant.id));
	(void)fixture_prepare(fx, &shop, ANA);
	const char *const before = word_of(fx, &viewer);
	(void)fixture_prepare(fx, &bank, BOB);
	assert_string_equal(word_of(fx, &viewer), before);
	(void)fixture_prepare(fx, &shop, EVA);
	assert_string_not_equal(word_of(fx, &viewer), before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(word_changes_with_each_event_and_each_minute_only),
		TEST(operator_of_one_tenant_learns_nothing_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
