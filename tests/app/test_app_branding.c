/* app/admin/operator, app/core/branding: the branding of a tenant; logos are stored once and removed with
 * their last use. */
#include "app/core/branding.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/operator.h"
#include "crypto/digest.h"
#include "kit/app_fixture.h"

static struct tenant set(struct app_fixture *fx, const char *name, struct branding_change branding)
{
	const struct tenant_change change = { .name = str_of(name), .branding = branding };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	return tenant;
}

static struct branding branding_of(
	struct app_fixture *fx, const struct tenant *tenant, struct str *consent_text)
{
	struct branding branding;

	assert_int_equal(
		operator_load_branding(&fx->world, &fx->arena, &tenant->id, &branding, consent_text), OK);
	return branding;
}

static bool logo_is_stored(struct app_fixture *fx, const char *image)
{
	struct logo logo;

	sha256(str_of(image), logo.digest.bytes);
	const bool stored = fixture_try_load(fx, RECORD_LOGO, &logo);
	if (stored)
		assert_true(str_eq(logo.image, str_of(image)));
	return stored;
}

static size_t branding_entries(struct app_fixture *fx)
{
	return fixture_count_audit(fx, AUDIT_TENANT_CHANGED);
}

static void a_tenant_without_branding_has_an_empty_one(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct str consent_text;

	const struct branding branding = branding_of(fx, &shop.tenant, &consent_text);
	assert_string_equal(branding.tenant_id.text, shop.tenant.id.text);
	assert_false(branding_is_set(&branding));
	assert_int_equal(consent_text.n, 0);
}

static void each_part_is_set_and_removed_alone(void **state)
{
	static const struct branding_change all = { .colour = STR_INIT("#0052cc"),
		.support_url = STR_INIT("https://shop.example/help"),
		.privacy_url = STR_INIT("https://shop.example/privacy"),
		.logo = STR_INIT("png"),
		.consent_text = STR_INIT("I agree.") };
	struct app_fixture *const fx = *state;
	struct str consent_text;

	fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct tenant shop = set(fx, "shop", all);
	struct branding branding = branding_of(fx, &shop, &consent_text);
	assert_string_equal(branding.colour, "#0052cc");
	assert_string_equal(branding.support_url, "https://shop.example/help");
	assert_string_equal(branding.privacy_url, "https://shop.example/privacy");
	assert_true(branding_has_logo(&branding));
	assert_true(str_eq(consent_text, STR("I agree.")));
	assert_int_equal(branding_entries(fx), 1);

	set(fx, "shop", (struct branding_change){ .colour = STR("") });
	branding = branding_of(fx, &shop, &consent_text);
	assert_false(branding_has_colour(&branding));
	assert_true(branding_has_logo(&branding));
	set(fx, "shop", (struct branding_change){ .support_url = STR(""), .privacy_url = STR("") });
	branding = branding_of(fx, &shop, &consent_text);
	assert_string_equal(branding.support_url, "");
	assert_string_equal(branding.privacy_url, "");
	assert_true(str_eq(consent_text, STR("I agree.")));
	set(fx, "shop", (struct branding_change){ .consent_text = STR("") });
	branding = branding_of(fx, &shop, &consent_text);
	assert_false(branding_has_consent_text(&branding));
	assert_int_equal(consent_text.n, 0);
	assert_true(branding_has_logo(&branding));
	set(fx, "shop", (struct branding_change){ .logo = STR("") });
	branding = branding_of(fx, &shop, &consent_text);
	assert_false(branding_is_set(&branding));
	assert_int_equal(branding_entries(fx), 5);
}

static void a_new_tenant_can_have_a_branding(void **state)
{
	struct app_fixture *const fx = *state;
	const struct tenant_change change = { .name = STR("shop"), .branding = { .colour = STR("#0052cc") } };
	struct tenant tenant;
	struct str consent_text;

	assert_int_equal(operator_add_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	const struct branding branding = branding_of(fx, &tenant, &consent_text);
	assert_string_equal(branding.colour, "#0052cc");
	assert_int_equal(branding_entries(fx), 1);
}

static void a_change_of_the_tenant_alone_leaves_its_branding(void **state)
{
	struct app_fixture *const fx = *state;
	const struct tenant_change change = { .name = STR("shop"), .language = STR("pt") };
	struct tenant tenant;
	struct str consent_text;

	fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	set(fx, "shop", (struct branding_change){ .colour = STR("#0052cc") });
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	assert_string_equal(branding_of(fx, &tenant, &consent_text).colour, "#0052cc");
	assert_int_equal(branding_entries(fx), 2);
}

static void a_logo_is_removed_with_its_last_use(void **state)
{
	struct app_fixture *const fx = *state;

	fixture_add_tenant(fx, "one", NULL, NO_QUOTA);
	fixture_add_tenant(fx, "two", NULL, NO_QUOTA);
	set(fx, "one", (struct branding_change){ .logo = STR("first") });
	set(fx, "two", (struct branding_change){ .logo = STR("first") });
	assert_true(logo_is_stored(fx, "first"));
	set(fx, "one", (struct branding_change){ .logo = STR("second") });
	assert_true(logo_is_stored(fx, "first"));
	assert_true(logo_is_stored(fx, "second"));
	set(fx, "two", (struct branding_change){ .logo = STR("first") });
	assert_true(logo_is_stored(fx, "first"));
	set(fx, "two", (struct branding_change){ .logo = STR("") });
	assert_false(logo_is_stored(fx, "first"));
	assert_true(logo_is_stored(fx, "second"));
	set(fx, "one", (struct branding_change){ .logo = STR("first") });
	assert_true(logo_is_stored(fx, "first"));
	assert_false(logo_is_stored(fx, "second"));
}

/* It says what people agreed to. */
static void a_consent_text_is_kept_when_another_one_follows(void **state)
{
	struct app_fixture *const fx = *state;
	struct consent_text row;
	struct str consent_text;

	fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	set(fx, "shop", (struct branding_change){ .consent_text = STR("First.") });
	const struct tenant shop = set(
		fx, "shop", (struct branding_change){ .consent_text = STR("Second.") });
	(void)branding_of(fx, &shop, &consent_text);
	assert_true(str_eq(consent_text, STR("Second.")));
	sha256(STR("First."), row.digest.bytes);
	fixture_load(fx, RECORD_CONSENT_TEXT, &row);
	assert_true(str_eq(row.text, STR("First.")));
}

static void a_value_that_is_too_long_changes_nothing(void **state)
{
	static char url[URL_SIZE + 1];
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct tenant tenant;
	struct str consent_text;

	memset(url, 'a', URL_SIZE);
	const struct tenant_change change = { .name = STR("shop"),
		.branding = { .colour = STR("#0052cc"), .support_url = { url, URL_SIZE } } };
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), ERR_INPUT);
	const struct branding branding = branding_of(fx, &shop.tenant, &consent_text);
	assert_false(branding_is_set(&branding));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_tenant_without_branding_has_an_empty_one, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			each_part_is_set_and_removed_alone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_new_tenant_can_have_a_branding, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_change_of_the_tenant_alone_leaves_its_branding, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_logo_is_removed_with_its_last_use, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_consent_text_is_kept_when_another_one_follows, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_value_that_is_too_long_changes_nothing, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
