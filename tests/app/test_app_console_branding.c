/* app/console/branding: who changes the branding of a tenant, and which texts are refused. */
#include "app/console/branding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

static struct console_branding read_branding(
	struct app_fixture *fx, const struct console_caller *caller, enum console_verdict expected)
{
	struct console_branding out;
	enum console_verdict verdict;

	assert_int_equal(
		console_branding_read(&fx->world, &fx->arena, caller, STR("shop"), &out, &verdict), OK);
	assert_int_equal(verdict, expected);
	return out;
}

static struct console_branding_faults set(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_branding_input *input, enum console_verdict expected)
{
	struct console_branding_change change = { .tenant = STR("shop"), .input = *input };
	enum console_verdict verdict;

	assert_int_equal(console_branding_set(&fx->world, &fx->arena, caller, &change, &verdict), OK);
	assert_int_equal(verdict, expected);
	return change.faults;
}

static const struct console_branding_input valid = { STR_INIT("#0052CC"), STR_INIT("https://shop.test/help"),
	STR_INIT("https://shop.test/privacy"), STR_INIT("I agree\r\n to the   check.") };

static void an_admin_changes_and_removes_the_parts(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, &shop.tenant.id);
	const struct console_branding_input empty = { .colour = STR("") };

	assert_false(console_branding_has_fault(&(struct console_branding_faults){ NULL, NULL, NULL, NULL }));
	for (int i = 0; i < 2; i++) { /* the second time nothing differs */
		const struct console_branding_faults faults = set(fx, &admin, &valid, CONSOLE_PERMITTED);

		assert_false(console_branding_has_fault(&faults));
	}
	const struct console_branding changed = read_branding(fx, &admin, CONSOLE_PERMITTED);

	assert_string_equal(changed.branding.colour, "#0052cc");
	assert_string_equal(changed.branding.support_url, "https://shop.test/help");
	assert_string_equal(changed.branding.privacy_url, "https://shop.test/privacy");
	assert_true(str_eq(changed.consent_text, STR("I agree to the check.")));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_CHANGED), 1);
	(void)set(fx, &admin, &empty, CONSOLE_PERMITTED);
	const struct console_branding removed = read_branding(fx, &admin, CONSOLE_PERMITTED);

	assert_false(branding_is_set(&removed.branding));
	assert_int_equal(removed.consent_text.n, 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_CHANGED), 2);
}

static void one_wrong_text_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	char url[600] = "https://shop.test/", text[CONSENT_TEXT_SIZE_MAX + 2] = "";
	struct console_branding_input input = valid;

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	memset(url + strlen(url), 'a', sizeof(url) - strlen(url) - 1);
	memset(text, 'a', sizeof(text) - 1);
	input.colour = STR("blue");
	assert_non_null(set(fx, &admin, &input, CONSOLE_PERMITTED).colour);
	input = valid;
	input.support_url = STR("javascript:alert(1)");
	assert_non_null(set(fx, &admin, &input, CONSOLE_PERMITTED).support_url);
	input = valid;
	input.privacy_url = str_of(url);
	assert_non_null(set(fx, &admin, &input, CONSOLE_PERMITTED).privacy_url);
	input = valid;
	input.consent_text = str_of(text);
	assert_non_null(set(fx, &admin, &input, CONSOLE_PERMITTED).consent_text);
	input.consent_text = STR("two\n\nparagraphs");
	assert_non_null(set(fx, &admin, &input, CONSOLE_PERMITTED).consent_text);
	const struct console_branding present = read_branding(fx, &admin, CONSOLE_PERMITTED);

	assert_false(branding_is_set(&present.branding));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_CHANGED), 0);
}

static void other_roles_and_operators_of_other_tenants_change_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, &shop.tenant.id);
	const struct console_caller of_bank = fixture_console_caller(fx, OPERATOR_ADMIN, &bank.tenant.id);
	const struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);

	(void)read_branding(fx, &reviewer, CONSOLE_ROLE_REFUSED);
	(void)read_branding(fx, &of_bank, CONSOLE_TENANT_REFUSED);
	(void)set(fx, &reviewer, &valid, CONSOLE_ROLE_REFUSED);
	(void)set(fx, &of_bank, &valid, CONSOLE_TENANT_REFUSED);
	const struct console_branding present = read_branding(fx, &admin, CONSOLE_PERMITTED);

	assert_false(branding_is_set(&present.branding));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TENANT_CHANGED), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_admin_changes_and_removes_the_parts),
		TEST(one_wrong_text_changes_nothing),
		TEST(other_roles_and_operators_of_other_tenants_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
