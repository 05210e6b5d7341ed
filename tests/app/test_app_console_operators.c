/* app/console: which admins invite and disable operators, and what uses up a step-up. */
#include "app/console/operators.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

static struct console_invite invite(struct app_fixture *fx, const struct console_caller *caller,
	struct str email, struct str tenants, enum console_verdict expected)
{
	struct console_invite out = { .email = email, .tenants = tenants, .role = OPERATOR_REVIEWER };
	enum console_verdict verdict;

	assert_int_equal(console_operator_invite(&fx->world, &fx->arena, caller, &out, &verdict), OK);
	assert_int_equal(verdict, expected);
	return out;
}

static void inviting_needs_an_admin_of_all_tenants_and_a_step_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller limited = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	const struct str email = STR("Zoe.Exemplo@example.com"), all = STR("");

	(void)invite(fx, &limited, email, all, CONSOLE_ROLE_REFUSED);
	(void)invite(fx, &reviewer, email, all, CONSOLE_ROLE_REFUSED);
	(void)invite(fx, &admin, email, all, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &admin);
	assert_int_equal(invite(fx, &admin, STR("zoe"), all, CONSOLE_PERMITTED).fault, INVITE_EMAIL);
	assert_int_equal(
		invite(fx, &admin, email, STR("nowhere"), CONSOLE_PERMITTED).fault, INVITE_TENANT_UNKNOWN);
	const struct console_invite made = invite(fx, &admin, email, STR("shop"), CONSOLE_PERMITTED);

	assert_int_equal(made.fault, INVITE_FAULTLESS);
	assert_true(made.token.n > 0);
	assert_true(operator_account_has_tenant(&made.account, &shop.tenant.id));
	(void)invite(fx, &admin, email, all, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &admin);
	assert_int_equal(invite(fx, &admin, STR("zoe.exemplo@example.com"), all, CONSOLE_PERMITTED).fault,
		INVITE_EXISTS);
}

static const struct console_operator *find_row(
	struct app_fixture *fx, const struct console_caller *caller, const struct operator_id *id)
{
	struct console_operator *rows;
	enum console_verdict verdict;
	size_t n;

	assert_int_equal(console_operator_list(&fx->world, &fx->arena, caller, &rows, &n, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].account.id.text, id->text) == 0)
			return &rows[i];
	fail_msg("the list has no operator %s", id->text);
	return NULL;
}

static void each_change_uses_up_a_step_up_and_nobody_disables_themselves(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller limited = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct console_operator_link link;
	enum console_verdict verdict;

	fixture_step_up(fx, &admin);
	const struct console_invite made = invite(
		fx, &admin, STR("zoe@example.com"), STR("shop"), CONSOLE_PERMITTED);
	const struct operator_id *const id = &made.account.id;

	assert_string_equal(find_row(fx, &admin, id)->state, "invited");
	assert_true(str_eq(find_row(fx, &admin, id)->tenants, STR("shop")));
	assert_int_equal(console_operator_link(&fx->world, &fx->arena, &limited, id, &link, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_ROLE_REFUSED);
	fixture_step_up(fx, &admin);
	assert_int_equal(console_operator_link(&fx->world, &fx->arena, &admin, id, &link, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	assert_false(str_eq(link.token, made.token));
	assert_int_equal(console_operator_disable(&fx->world, &fx->arena, &admin, id, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &admin);
	assert_int_equal(
		console_operator_disable(&fx->world, &fx->arena, &admin, &admin.account.id, &verdict),
		ERR_CONFLICT);
	assert_int_equal(console_operator_disable(&fx->world, &fx->arena, &admin, id, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	assert_string_equal(find_row(fx, &admin, id)->state, "disabled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(inviting_needs_an_admin_of_all_tenants_and_a_step_up,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(each_change_uses_up_a_step_up_and_nobody_disables_themselves,
			fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
