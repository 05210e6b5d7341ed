/* Accounts of operators of the console and their one-time links: adding, disabling, listing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/core/audit.h"
#include "app/operator/account.h"
#include "app/operator/passkey.h"
#include "app/operator/session.h"
#include "domain/event.h"
#include "kit/app_fixture.h"

#define ANA STR("ana.exemplo@example.com")
#define BO STR("bo@example.com")

struct added {
	struct operator_account account;
	struct str token;
};

static enum err try_add(struct app_fixture *fx, struct str email, enum operator_role role, struct added *out)
{
	const struct operator_account_params params = { .email = email, .role = role };

	return operator_account_add(&fx->world, &fx->arena, &params, &out->account, &out->token);
}

static struct added add(struct app_fixture *fx, struct str email)
{
	struct added added;

	assert_int_equal(try_add(fx, email, OPERATOR_ADMIN, &added), OK);
	return added;
}

static struct added new_link(struct app_fixture *fx, struct str email)
{
	struct added made;

	assert_int_equal(
		operator_account_new_link(&fx->world, &fx->arena, email, &made.account, &made.token), OK);
	return made;
}

static struct operator_account disable(struct app_fixture *fx, struct str email)
{
	struct operator_account account;

	assert_int_equal(operator_account_disable(&fx->world, &fx->arena, email, &account), OK);
	return account;
}

static struct operator_account load(struct app_fixture *fx, const struct operator_account *account)
{
	struct operator_account row = { .id = account->id };

	fixture_load(fx, RECORD_OPERATOR_ACCOUNT, &row);
	return row;
}

/* Returns whether the page of the link offers to register a passkey. */
static bool link_works(struct app_fixture *fx, struct str token)
{
	enum passkey_verdict verdict;
	struct str email;

	assert_int_equal(passkey_link_check(&fx->world, &fx->arena, token, &email, &verdict), OK);
	assert_true(verdict == PASSKEY_ACCEPTED || verdict == PASSKEY_NO_LINK);
	return verdict == PASSKEY_ACCEPTED;
}

/* Adds a passkey as registering one would. */
static void add_passkey(struct app_fixture *fx, const struct operator_account *account, unsigned char number)
{
	const struct passkey row = { .credential_digest = { .bytes = { number } },
		.operator_id = account->id,
		.credential_id = STR("credential"),
		.public_key = STR("key"),
		.created_at = world_now(&fx->world) };

	fixture_save(fx, RECORD_PASSKEY, &row);
}

static size_t count_passkeys(struct app_fixture *fx, const struct operator_account *account)
{
	size_t n = 99;

	assert_int_equal(operator_account_count_passkeys(&fx->world, &fx->arena, account, &n), OK);
	return n;
}

static void an_operator_is_added_with_a_sealed_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	const struct operator_account row = load(fx, &ana.account);
	struct str email;

	assert_int_equal(row.role, OPERATOR_ADMIN);
	assert_string_equal(row.tenant_ids, "");
	assert_int_equal(row.created_at.ms, FIXTURE_NOW);
	assert_true(moment_is_unset(row.disabled_at) && moment_is_unset(row.last_sign_in_at));
	assert_null(memmem(row.sealed_email.p, row.sealed_email.n, "ana", 3));
	assert_int_equal(operator_account_email(&fx->world, &fx->arena, &row, &email), OK);
	assert_true(str_eq(email, ANA));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_ADDED), 1);
}

/* The sealed address belongs to its row, so it cannot be moved to another one. */
static void the_address_of_one_operator_cannot_be_opened_as_that_of_another(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA), bo = add(fx, BO);
	struct operator_account mixed = bo.account;
	struct str email;

	mixed.sealed_email = ana.account.sealed_email;
	assert_int_not_equal(operator_account_email(&fx->world, &fx->arena, &mixed, &email), OK);
}

static void an_address_is_added_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	struct added again;

	assert_int_equal(try_add(fx, ANA, OPERATOR_VIEWER, &again), ERR_CONFLICT);
	assert_int_equal(load(fx, &ana.account).role, OPERATOR_ADMIN);
	assert_true(link_works(fx, ana.token));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_ADDED), 1);
}

static void an_operator_is_limited_to_at_most_16_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	struct tenant_id tenants[OPERATOR_TENANTS_MAX + 1];
	struct operator_account account;
	struct str token;

	for (size_t i = 0; i < array_len(tenants); i++)
		assert_int_equal(world_id(&fx->world, tenants[i].text), OK);
	for (size_t n = 1; n <= array_len(tenants); n += OPERATOR_TENANTS_MAX - 1) {
		const struct operator_account_params params = { .email = arena_printf(
									&fx->arena, "n%zu@example.com", n),
			.role = OPERATOR_VIEWER,
			.tenants = tenants,
			.n_tenants = n };

		assert_int_equal(operator_account_add(&fx->world, &fx->arena, &params, &account, &token), OK);
		account = load(fx, &account);
		assert_true(operator_account_has_tenant(&account, &tenants[n - 1]));
		assert_false(operator_account_has_tenant(&account, &tenants[OPERATOR_TENANTS_MAX]));
	}
	const struct operator_account_params too_many = {
		.email = ANA, .role = OPERATOR_VIEWER, .tenants = tenants, .n_tenants = array_len(tenants)
	};
	assert_int_equal(
		operator_account_add(&fx->world, &fx->arena, &too_many, &account, &token), ERR_INPUT);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_ADDED), 2);
}

static void a_link_works_for_24_hours(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);

	assert_int_equal(ana.account.link_expires_at.ms, FIXTURE_NOW + hours(24).ms);
	fixture_advance_clock(fx, milliseconds(hours(24).ms - 1));
	assert_true(link_works(fx, ana.token));
	fixture_advance_clock(fx, milliseconds(1));
	assert_false(link_works(fx, ana.token));
	fixture_advance_clock(fx, milliseconds(1));
	assert_false(link_works(fx, ana.token));
	assert_true(link_works(fx, new_link(fx, ANA).token));
}

/* While the process runs, expiry follows the monotonic clock. */
static void a_link_expires_also_if_the_clock_is_set_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);

	fixture_advance_clock(fx, hours(24));
	assert_false(link_works(fx, ana.token));
	fx->clock.now -= hours(12).ms;
	assert_false(link_works(fx, ana.token));
}

static void a_newer_link_replaces_the_older_one(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added first = add(fx, ANA);

	fixture_advance_clock(fx, hours(23));
	const struct added second = new_link(fx, ANA);
	assert_false(str_eq(first.token, second.token));
	assert_false(link_works(fx, first.token));
	assert_true(link_works(fx, second.token));
	assert_int_equal(second.account.link_expires_at.ms, FIXTURE_NOW + hours(47).ms);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_LINK_CREATED), 1);
}

static void a_link_is_made_only_for_an_operator_who_is_not_disabled(void **state)
{
	struct app_fixture *const fx = *state;
	struct operator_account account;
	struct str token;

	assert_int_equal(
		operator_account_new_link(&fx->world, &fx->arena, ANA, &account, &token), ERR_NOT_FOUND);
	(void)add(fx, ANA);
	disable(fx, ANA);
	assert_int_equal(
		operator_account_new_link(&fx->world, &fx->arena, ANA, &account, &token), ERR_CONFLICT);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_LINK_CREATED), 0);
}

static void other_texts_are_no_link(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	struct str session;
	char changed[64];

	assert_int_equal(console_session_start_in_dev(&fx->world, &fx->arena, STR(""), &session), OK);
	assert_true(str_copy_to(ana.token, changed, sizeof(changed)));
	changed[7] = changed[7] == 'a' ? 'b' : 'a';
	const struct str texts[] = { STR(""), str_of(changed), str_from(ana.token, 1),
		arena_printf(&fx->arena, "%.*sA", STR_ARG(ana.token)), session, str_of(ana.account.id.text) };
	for (size_t i = 0; i < array_len(texts); i++)
		assert_false(link_works(fx, texts[i]));
	assert_int_equal(ana.token.n, 43);
}

static void disabling_removes_link_and_passkeys_of_this_operator_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA), bo = add(fx, BO);

	add_passkey(fx, &ana.account, 1);
	add_passkey(fx, &ana.account, 2);
	add_passkey(fx, &bo.account, 3);
	fixture_advance_clock(fx, hours(1));
	const struct operator_account account = disable(fx, ANA);
	assert_int_equal(account.disabled_at.ms, FIXTURE_NOW + hours(1).ms);
	assert_true(operator_account_is_disabled(&account));
	assert_false(link_works(fx, ana.token));
	assert_int_equal(count_passkeys(fx, &ana.account), 0);
	assert_true(link_works(fx, bo.token));
	assert_int_equal(count_passkeys(fx, &bo.account), 1);
	fixture_advance_clock(fx, hours(1));
	assert_int_equal(disable(fx, ANA).disabled_at.ms, account.disabled_at.ms);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_DISABLED), 1);
}

static void only_a_known_address_is_disabled(void **state)
{
	struct app_fixture *const fx = *state;
	struct operator_account account;

	(void)add(fx, ANA);
	assert_int_equal(operator_account_disable(&fx->world, &fx->arena, BO, &account), ERR_NOT_FOUND);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_DISABLED), 0);
}

static void adding_a_disabled_operator_enables_the_same_account_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	struct added again;

	add_passkey(fx, &ana.account, 1);
	disable(fx, ANA);
	fixture_advance_clock(fx, days(1));
	assert_int_equal(try_add(fx, ANA, OPERATOR_VIEWER, &again), OK);
	assert_string_equal(again.account.id.text, ana.account.id.text);
	const struct operator_account row = load(fx, &again.account);
	assert_false(operator_account_is_disabled(&row));
	assert_int_equal(row.role, OPERATOR_VIEWER);
	assert_int_equal(row.created_at.ms, FIXTURE_NOW);
	assert_int_equal(count_passkeys(fx, &row), 0);
	assert_true(link_works(fx, again.token));
	assert_false(link_works(fx, ana.token));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_ADDED), 2);
}

static void audit_entries_name_the_operator_by_id(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	struct audit_cursor cursor = { .begun = false };
	struct audit_entry rows[8];
	char id[SHOWN_ID_SIZE];
	size_t n;

	fixture_advance_clock(fx, seconds(1));
	(void)new_link(fx, ANA);
	fixture_advance_clock(fx, seconds(1));
	disable(fx, ANA);
	shown_id_write(OPERATOR_ID_PREFIX, ana.account.id.text, id);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, array_len(rows), &n), OK);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(rows[i].subject, id);
		assert_int_equal(rows[i].actor_kind, ACTOR_OPERATOR);
	}
	assert_string_equal(rows[0].detail, "admin");
}

static void accounts_are_listed_oldest_first_in_pages(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added first = add(fx, BO);
	struct operator_account rows[3];
	size_t n;

	fixture_advance_clock(fx, seconds(1));
	const struct added second = add(fx, ANA);
	assert_int_equal(operator_account_list(&fx->world, &fx->arena, page_of(0, 3), rows, &n), OK);
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].id.text, first.account.id.text);
	assert_string_equal(rows[1].id.text, second.account.id.text);
	assert_int_equal(operator_account_list(&fx->world, &fx->arena, page_of(1, 3), rows, &n), OK);
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id.text, second.account.id.text);
}

static void a_failure_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct added ana = add(fx, ANA);
	struct operator_account account;
	struct added other;
	struct str token;

	fx->store.fault = STORE_FAULT_AFTER_WORK;
	assert_int_not_equal(try_add(fx, BO, OPERATOR_VIEWER, &other), OK);
	assert_int_not_equal(operator_account_new_link(&fx->world, &fx->arena, ANA, &account, &token), OK);
	assert_int_not_equal(operator_account_disable(&fx->world, &fx->arena, ANA, &account), OK);
	fx->store.fault = STORE_FAULT_NONE;
	fx->random.calls_before_failure = 0;
	assert_int_not_equal(try_add(fx, BO, OPERATOR_VIEWER, &other), OK);
	assert_int_not_equal(operator_account_new_link(&fx->world, &fx->arena, ANA, &account, &token), OK);
	assert_true(link_works(fx, ana.token));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_ADDED), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_LINK_CREATED), 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_DISABLED), 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(an_operator_is_added_with_a_sealed_address),
		T(the_address_of_one_operator_cannot_be_opened_as_that_of_another),
		T(an_address_is_added_once),
		T(an_operator_is_limited_to_at_most_16_tenants),
		T(a_link_works_for_24_hours),
		T(a_link_expires_also_if_the_clock_is_set_back),
		T(a_newer_link_replaces_the_older_one),
		T(a_link_is_made_only_for_an_operator_who_is_not_disabled),
		T(other_texts_are_no_link),
		T(disabling_removes_link_and_passkeys_of_this_operator_only),
		T(only_a_known_address_is_disabled),
		T(adding_a_disabled_operator_enables_the_same_account_again),
		T(audit_entries_name_the_operator_by_id),
		T(accounts_are_listed_oldest_first_in_pages),
		T(a_failure_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
