/* app/console: which operators create, change and remove webhook endpoints, and what uses up a step-up. */
#include "app/console/endpoint_changes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

static const struct webhook_change valid = { .url = STR_INIT("https://shop.test/hook"),
	.types = STR_INIT("*") };

static struct webhook_result create(struct app_fixture *fx, const struct console_caller *caller,
	const struct webhook_change *change, enum console_verdict expected)
{
	const struct console_endpoint_input input = { .tenant = STR("shop"), .change = *change };
	struct webhook_result result = { .refusal = { .verdict = WEBHOOK_DONE } };
	enum console_verdict verdict;

	assert_int_equal(
		console_endpoint_create(&fx->world, &fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, expected);
	return result;
}

static void creating_needs_an_admin_of_the_tenant_and_a_step_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct console_caller other = fixture_console_caller(fx, OPERATOR_ADMIN, &bank.tenant.id);

	(void)create(fx, &reviewer, &valid, CONSOLE_ROLE_REFUSED);
	(void)create(fx, &other, &valid, CONSOLE_TENANT_REFUSED);
	(void)create(fx, &admin, &valid, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &admin);
	const struct webhook_result made = create(fx, &admin, &valid, CONSOLE_PERMITTED);

	assert_int_equal(made.refusal.verdict, WEBHOOK_DONE);
	assert_memory_equal(made.secret, "whsec_", 6);
	assert_string_equal(made.endpoint.row.tenant_id.text, shop.tenant.id.text);
	(void)create(fx, &admin, &valid, CONSOLE_STEP_UP_NEEDED);
}

static void refused_values_do_not_use_up_the_step_up(void **state)
{
	const struct webhook_change bad_url = { .url = STR("ftp://shop.test"), .types = STR("*") };
	const struct webhook_change bad_type = { .url = valid.url, .types = STR("nonsense") };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);

	fixture_step_up(fx, &admin);
	assert_int_equal(
		create(fx, &admin, &bad_url, CONSOLE_PERMITTED).refusal.verdict, WEBHOOK_URL_REFUSED);
	assert_int_equal(
		create(fx, &admin, &bad_type, CONSOLE_PERMITTED).refusal.verdict, WEBHOOK_TYPES_UNKNOWN);
	assert_int_equal(create(fx, &admin, &valid, CONSOLE_PERMITTED).refusal.verdict, WEBHOOK_DONE);
}

/* What each function decides about an endpoint of `shop`. */
static void check_changes(struct app_fixture *fx, const struct console_caller *caller,
	const struct endpoint_id *id, enum console_verdict expected)
{
	const struct console_endpoint_input input = { .id = *id, .change = { .types = STR("kyc.*") } };
	struct console_resend_result resent;
	struct webhook_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_endpoint_change(&fx->world, &fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, expected);
	assert_int_equal(
		console_endpoint_resend_failed(&fx->world, &fx->arena, caller, id, &resent, &verdict), OK);
	assert_int_equal(verdict, expected);
	assert_int_equal(console_endpoint_rotate(&fx->world, &fx->arena, caller, id, &result, &verdict), OK);
	assert_int_equal(verdict, expected == CONSOLE_PERMITTED ? CONSOLE_STEP_UP_NEEDED : expected);
	assert_int_equal(console_endpoint_remove(&fx->world, &fx->arena, caller, id, &verdict), OK);
	assert_int_equal(verdict, expected);
}

static void changes_need_an_admin_of_the_tenant(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct console_caller other = fixture_console_caller(fx, OPERATOR_ADMIN, &bank.tenant.id);
	enum console_verdict verdict;

	fixture_step_up(fx, &admin);
	const struct webhook_result made = create(fx, &admin, &valid, CONSOLE_PERMITTED);
	const struct endpoint_id *const id = &made.endpoint.row.id;

	admin.session.step_up_at = (moment){ 0 };
	check_changes(fx, &reviewer, id, CONSOLE_ROLE_REFUSED);
	check_changes(fx, &other, id, CONSOLE_TENANT_REFUSED);
	check_changes(fx, &admin, id, CONSOLE_PERMITTED);
	assert_int_equal(
		console_endpoint_remove(&fx->world, &fx->arena, &admin, id, &verdict), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			creating_needs_an_admin_of_the_tenant_and_a_step_up, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			refused_values_do_not_use_up_the_step_up, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			changes_need_an_admin_of_the_tenant, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
