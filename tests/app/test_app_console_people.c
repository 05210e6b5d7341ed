/* app/console: the list, the search and the export of people, and which operators may use them. */
#include "app/console/people.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/console/people_export.h"
#include "app/console/people_search.h"
#include "base/attr.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

/* `shop` and `bank` share their people, `lone` is alone. ANA is verified for `shop` and registered with
 * `bank`, BOB is verified for `lone`. */
struct scenario {
	struct caller shop, bank, lone;
	struct console_caller all, of_shop, of_lone; /* reviewers */
};

static struct scenario scenario(struct app_fixture *fx)
{
	struct scenario s = { .shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
		.bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA),
		.lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA) };

	s.all = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	s.of_shop = fixture_console_caller(fx, OPERATOR_REVIEWER, &s.shop.tenant.id);
	s.of_lone = fixture_console_caller(fx, OPERATOR_REVIEWER, &s.lone.tenant.id);
	fixture_verify_email(fx, &s.shop, ANA);
	(void)fixture_prepare(fx, &s.bank, ANA);
	fixture_verify_email(fx, &s.lone, BOB);
	return s;
}

static struct console_people list(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_people_query *query, enum console_verdict expected)
{
	enum console_verdict verdict;
	struct console_people out;

	assert_int_equal(console_people_list(&fx->world, &fx->arena, caller, query, &out, &verdict), OK);
	assert_int_equal(verdict, expected);
	return out;
}

static void list_has_the_tenants_of_the_operator_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct console_people_query first = { .has_status = false };
	struct console_people people = list(fx, &s.all, &first, CONSOLE_PERMITTED);

	assert_int_equal(people.n_tenants, 3);
	assert_string_equal(people.tenant.name, "bank");
	assert_int_equal(people.page.n, 1);
	people = list(fx, &s.of_lone, &first, CONSOLE_PERMITTED);
	assert_int_equal(people.n_tenants, 1);
	assert_string_equal(people.tenant.name, "lone");
	assert_int_equal(people.page.n, 1);
}

static void list_of_another_tenant_is_refused_as_one_that_does_not_exist(void **state)
{
	static const struct str names[] = { STR_INIT("shop"), STR_INIT("nobody"), STR_INIT("SHOP"),
		STR_INIT("a-name-that-is-much-longer-than-the-name-of-any-tenant-can-be-0123456789") };
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);

	for (size_t i = 0; i < array_len(names); i++) {
		const struct console_people_query query = { .tenant = names[i] };

		printf("# %s\n", names[i].p);
		assert_int_equal(list(fx, &s.of_lone, &query, CONSOLE_TENANT_REFUSED).page.n, 0);
	}
}

#define PEOPLE (CONSOLE_PEOPLE_PAGE + 2)

/* One person registers each hour. */
static void prepare_people(struct app_fixture *fx, const struct caller *caller)
{
	char email[32];

	for (int i = 0; i < PEOPLE; i++) {
		(void)snprintf(email, sizeof(email), "p%d@example.com", i);
		(void)fixture_prepare(fx, caller, email);
		fixture_advance_clock(fx, hours(1));
	}
}

static void pages_follow_each_other(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	struct console_people_query query = { .has_status = false };

	prepare_people(fx, &shop);
	struct console_people people = list(fx, &viewer, &query, CONSOLE_PERMITTED);

	assert_int_equal(people.page.n, CONSOLE_PEOPLE_PAGE);
	assert_true(people.page.has_more);
	query.before = people.page.next_after;
	people = list(fx, &viewer, &query, CONSOLE_PERMITTED);
	assert_int_equal(people.page.n, 2);
	assert_false(people.page.has_more);
}

static void dates_and_status_select_people(void **state)
{
	const moment start = { FIXTURE_NOW };
	const struct {
		const char *name;
		moment from, until;
		bool declined;
		size_t n;
	} rows[] = {
		{ "all", { 0 }, { 0 }, false, CONSOLE_PEOPLE_PAGE },
		{ "from the third person on", moment_add(start, hours(2)), { 0 }, false,
			CONSOLE_PEOPLE_PAGE },
		{ "the first two", { 0 }, moment_add(start, hours(2)), false, 2 },
		{ "the second to the third", moment_add(start, hours(1)), moment_add(start, hours(3)), false,
			2 },
		{ "after the last one", moment_add(start, hours(PEOPLE)), { 0 }, false, 0 },
		{ "before the first one", { 0 }, start, false, 0 },
		{ "from after until", moment_add(start, hours(3)), moment_add(start, hours(1)), false, 0 },
		{ "another status", { 0 }, { 0 }, true, 0 },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);

	prepare_people(fx, &shop);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct console_people_query query = { .from = rows[i].from,
			.until = rows[i].until,
			.has_status = true,
			.status = rows[i].declined ? OVERALL_DECLINED : OVERALL_PENDING };
		const struct console_people people = list(fx, &viewer, &query, CONSOLE_PERMITTED);

		printf("# %s\n", rows[i].name);
		assert_int_equal(people.page.n, rows[i].n);
		assert_int_equal(people.page.has_more, i == 0);
	}
}

static size_t count_found(struct app_fixture *fx, const struct console_caller *caller, const char *text)
{
	enum console_verdict verdict;
	struct console_matches matches;

	assert_int_equal(
		console_people_search(&fx->world, &fx->arena, caller, str_of(text), &matches, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return matches.n;
}

static void search_finds_people_of_the_operators_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);
	char id[SHOWN_ID_SIZE];

	fixture_verify_wallet(fx, &s.shop, &wallet);
	(void)fixture_create_session(fx, &s.shop, ANA);
	fixture_set_reference(fx, &s.shop, ANA, "customer @ 4711");
	shown_id_write(PUBLIC_USER_ID_PREFIX, fixture_enrolment(fx, &s.shop, ANA).public_user_id.text, id);
	const struct session session = fixture_latest_session(fx, &s.shop, ANA);
	const struct {
		const char *text;
		size_t all, of_shop, of_lone;
	} rows[] = {
		{ ANA, 2, 1, 0 }, /* the same address at two tenants */
		{ "  Ana.Exemplo@EXAMPLE.com ", 2, 1, 0 },
		{ BOB, 1, 0, 1 },
		{ wallet.wallet.text, 1, 1, 0 },
		{ id, 1, 1, 0 },
		{ session.provider_ref.text, 1, 1, 0 }, /* ANA is not verified to `bank` */
		{ "customer @ 4711", 1, 1, 0 },
		{ "customer @ 471", 0, 0, 0 },
		{ "nobody@example.com", 0, 0, 0 },
		{ "ana.exemplo@example", 0, 0, 0 },
		{ "usr_", 0, 0, 0 },
		{ " ", 0, 0, 0 },
		{ "<script>alert(1)</script>", 0, 0, 0 },
		{ "' OR 1=1 --", 0, 0, 0 },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		printf("# %s\n", rows[i].text);
		assert_int_equal(count_found(fx, &s.all, rows[i].text), rows[i].all);
		assert_int_equal(count_found(fx, &s.of_shop, rows[i].text), rows[i].of_shop);
		assert_int_equal(count_found(fx, &s.of_lone, rows[i].text), rows[i].of_lone);
	}
}

static struct str export_list(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_people_query *query, enum console_verdict expected)
{
	enum console_verdict verdict;
	struct str text = STR("");

	assert_int_equal(console_people_export(&fx->world, &fx->arena, caller, query, &text, &verdict), OK);
	assert_int_equal(verdict, expected);
	return text;
}

static void export_needs_role_tenant_and_a_step_up_for_each_file(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	const struct console_people_query shop = { .tenant = STR("shop") };
	struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	struct console_caller reviewer = s.of_shop, other = s.of_lone;

	fixture_step_up(fx, &viewer);
	fixture_step_up(fx, &other);
	(void)export_list(fx, &viewer, &shop, CONSOLE_ROLE_REFUSED);
	(void)export_list(fx, &other, &shop, CONSOLE_TENANT_REFUSED);
	(void)export_list(fx, &reviewer, &shop, CONSOLE_STEP_UP_NEEDED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LIST_EXPORTED), 0);
	fixture_step_up(fx, &reviewer);
	assert_true(export_list(fx, &reviewer, &shop, CONSOLE_PERMITTED).n > 0);
	/* The step-up is used up, although the caller was loaded before. */
	(void)export_list(fx, &reviewer, &shop, CONSOLE_STEP_UP_NEEDED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_LIST_EXPORTED), 1);
}

static void export_has_no_address_and_no_formula(void **state)
{
	struct app_fixture *const fx = *state;
	const struct scenario s = scenario(fx);
	struct console_caller reviewer = s.all;
	const struct console_people_query shop = { .tenant = STR("shop") };

	fixture_set_reference(fx, &s.shop, ANA, "=HYPERLINK(\"http://evil.test\",\"x\")");
	fixture_step_up(fx, &reviewer);
	const struct str text = export_list(fx, &reviewer, &shop, CONSOLE_PERMITTED);

	assert_true(str_starts(text, STR("\"user_id\",\"reference\",\"status\",")));
	assert_non_null(strstr(
		text.p, "\"'=HYPERLINK(\"\"http://evil.test\"\",\"\"x\"\")\",\"pending\",\"yes\",\"no\""));
	assert_null(strstr(text.p, "example.com"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			list_has_the_tenants_of_the_operator_only, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(list_of_another_tenant_is_refused_as_one_that_does_not_exist,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(pages_follow_each_other, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			dates_and_status_select_people, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			search_finds_people_of_the_operators_tenants, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(export_needs_role_tenant_and_a_step_up_for_each_file,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			export_has_no_address_and_no_formula, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
