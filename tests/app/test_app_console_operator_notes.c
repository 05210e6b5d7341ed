/* app/console/operator_notes, operator_note_add: who may write and read notes about a person, how many there
 * can be, and that an erasure removes them. */
#include "app/console/operator_note_add.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/erase.h"
#include "app/console/person.h"
#include "app/console/person_actions.h"
#include "domain/operator_note.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct console_person_name name_of(
	struct app_fixture *fx, const struct caller *caller, const char *address)
{
	return (struct console_person_name){ str_of(caller->tenant.name),
		fixture_enrolment(fx, caller, address).public_user_id };
}

static enum console_verdict try_add(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_person_name *name, const char *text, bool *is_full)
{
	const struct console_note_params params = { *name, str_of(text) };
	enum console_verdict verdict;

	assert_int_equal(console_note_add(&fx->world, &fx->arena, caller, &params, is_full, &verdict), OK);
	return verdict;
}

static void add(struct app_fixture *fx, const struct console_caller *caller,
	const struct console_person_name *name, const char *text)
{
	bool is_full;

	assert_int_equal(try_add(fx, caller, name, text, &is_full), CONSOLE_PERMITTED);
	assert_false(is_full);
	fixture_advance_clock(fx, seconds(1));
}

static struct console_person load(
	struct app_fixture *fx, const struct console_caller *caller, const struct console_person_name *name)
{
	struct console_person person;

	assert_int_equal(console_person_load(&fx->world, &fx->arena, caller, name, false, &person), OK);
	assert_int_equal(person.verdict, CONSOLE_PERMITTED);
	return person;
}

static size_t count_rows(
	struct app_fixture *fx, const struct caller *caller, const struct user_id *user, struct str *sealed)
{
	static struct operator_note rows[OPERATOR_NOTES_MAX];
	const struct operator_note probe = { .tenant_id = caller->tenant.id, .user_id = *user };
	const size_t n = fixture_find(fx, QUERY_OPERATOR_NOTES_OF_USER, &probe, rows, OPERATOR_NOTES_MAX);

	if (n > 0)
		*sealed = rows[0].sealed_text;
	return n;
}

static void notes_have_author_and_time_and_the_newest_is_first(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, &shop.tenant.id);
	struct str sealed = STR("");

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	const struct console_person_name ana = name_of(fx, &shop, ANA), bob = name_of(fx, &shop, BOB);
	const struct user_id user = fixture_enrolment(fx, &shop, ANA).user_id;

	add(fx, &reviewer, &ana, "called, passport is on its way");
	add(fx, &reviewer, &ana, "<script>alert(1)</script>");
	const struct console_person person = load(fx, &viewer, &ana);

	assert_int_equal(person.n_operator_notes, 2);
	assert_true(str_eq(person.operator_notes[0].text, STR("<script>alert(1)</script>")));
	assert_true(str_eq(person.operator_notes[1].text, STR("called, passport is on its way")));
	assert_true(
		moment_is_before(person.operator_notes[1].created_at, person.operator_notes[0].created_at));
	assert_true(str_eq(person.operator_notes[0].author, STR("operator@example.com")));
	assert_int_equal(load(fx, &viewer, &bob).n_operator_notes, 0);
	assert_int_equal(count_rows(fx, &shop, &user, &sealed), 2);
	assert_null(memmem(sealed.p, sealed.n, "script", 6));
	assert_int_equal(fixture_count_audit(fx, AUDIT_NOTE_ADDED), 2);
}

static void viewers_and_operators_of_other_tenants_write_no_note(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, NULL);
	const struct console_caller of_bank = fixture_console_caller(fx, OPERATOR_ADMIN, &bank.tenant.id);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, &shop.tenant.id);
	struct console_note_params params = { .text = STR("x") };
	enum console_verdict verdict;
	bool is_full;

	fixture_verify_email(fx, &shop, ANA);
	const struct console_person_name at_shop = name_of(fx, &shop, ANA);

	assert_int_equal(try_add(fx, &viewer, &at_shop, "x", &is_full), CONSOLE_ROLE_REFUSED);
	assert_int_equal(try_add(fx, &of_bank, &at_shop, "x", &is_full), CONSOLE_TENANT_REFUSED);
	params.name = (struct console_person_name){ STR("bank"), at_shop.id };
	assert_int_equal(console_note_add(&fx->world, &fx->arena, &of_bank, &params, &is_full, &verdict),
		ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_NOTE_ADDED), 0);
	/* The tenants of a group share the person, but not the notes. */
	add(fx, &reviewer, &at_shop, "only for the shop");
	fixture_verify_email(fx, &bank, ANA);
	const struct console_person_name at_bank = name_of(fx, &bank, ANA);

	assert_int_equal(load(fx, &of_bank, &at_bank).n_operator_notes, 0);
	assert_int_equal(load(fx, &reviewer, &at_shop).n_operator_notes, 1);
}

static void notes_stay_when_the_person_verifies_and_links_a_wallet(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);

	(void)fixture_prepare(fx, &shop, ANA);
	const struct console_person_name before = name_of(fx, &shop, ANA);

	add(fx, &reviewer, &before, "not verified yet");
	assert_int_equal(load(fx, &reviewer, &before).n_operator_notes, 1);
	fixture_verify_email(fx, &shop, ANA);
	fixture_link(fx, &shop, &wallet, ANA);
	const struct console_person_name after = name_of(fx, &shop, ANA);

	add(fx, &reviewer, &after, "has a wallet now");
	const struct console_person person = load(fx, &reviewer, &after);

	assert_int_equal(person.n_operator_notes, 2);
	assert_true(str_eq(person.operator_notes[0].text, STR("has a wallet now")));
	assert_true(str_eq(person.operator_notes[1].text, STR("not verified yet")));
}

static void a_person_has_a_largest_number_of_notes(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	bool is_full;

	fixture_verify_email(fx, &shop, ANA);
	const struct console_person_name name = name_of(fx, &shop, ANA);

	for (int i = 0; i < OPERATOR_NOTES_MAX; i++)
		add(fx, &reviewer, &name, "once more");
	assert_int_equal(try_add(fx, &reviewer, &name, "too many", &is_full), CONSOLE_PERMITTED);
	assert_true(is_full);
	assert_int_equal(load(fx, &reviewer, &name).n_operator_notes, OPERATOR_NOTES_MAX);
	assert_int_equal(fixture_count_audit(fx, AUDIT_NOTE_ADDED), OPERATOR_NOTES_MAX);
}

static void an_erasure_counts_and_removes_the_notes_of_all_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	struct console_caller admin = fixture_console_caller(fx, OPERATOR_ADMIN, NULL);
	struct str sealed = STR("");

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	fixture_verify_email(fx, &bank, BOB);
	const struct console_person_name at_shop = name_of(fx, &shop, ANA), at_bank = name_of(fx, &bank, ANA);
	const struct console_person_name bob = name_of(fx, &bank, BOB);
	const struct user_id user = fixture_enrolment(fx, &shop, ANA).user_id;

	for (int i = 0; i < 40; i++) /* more than one page of the query */
		add(fx, &admin, &at_shop, "at the shop");
	add(fx, &admin, &at_bank, "at the bank");
	add(fx, &admin, &bob, "another person");
	for (int really = 0; really < 2; really++) {
		struct console_erasure erasure = { .name = at_shop, .really = really == 1 };

		fixture_step_up(fx, &admin);
		assert_int_equal(console_person_erase(&fx->world, &fx->arena, &admin, &erasure), OK);
		assert_int_equal(erasure.verdict, CONSOLE_PERMITTED);
		assert_int_equal(erasure.erased.operator_notes, 41);
		assert_int_equal(count_rows(fx, &shop, &user, &sealed), really == 1 ? 0 : 40);
	}
	assert_int_equal(count_rows(fx, &bank, &user, &sealed), 0);
	assert_int_equal(load(fx, &admin, &bob).n_operator_notes, 1);
	const struct console_note_params params = { at_shop, STR("late") };
	enum console_verdict verdict;
	bool is_full;

	assert_int_equal(
		console_note_add(&fx->world, &fx->arena, &admin, &params, &is_full, &verdict), ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(notes_have_author_and_time_and_the_newest_is_first),
		TEST(viewers_and_operators_of_other_tenants_write_no_note),
		TEST(notes_stay_when_the_person_verifies_and_links_a_wallet),
		TEST(a_person_has_a_largest_number_of_notes),
		TEST(an_erasure_counts_and_removes_the_notes_of_all_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
