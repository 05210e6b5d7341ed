/* app_prepare_email: enrolling a person by e-mail address, and what a tenant learns about the person. */
#include "app/enrolment/prepare.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"

static enum err prepare_in_language(struct app_fixture *fx, const struct caller *caller, const char *language)
{
	const struct prepare_params params = { .identifier = identifier_from_text(ANA),
		.language = str_of(language) };
	struct prepare_result prepared;

	return app_prepare_email(&fx->world, &fx->arena, caller, &params, &prepared);
}

/* Parameters to run the work of `prepare` directly. The test runs it a second time, as the store does after a
 * commit whose outcome is unknown. */
struct prepare_run {
	struct app_fixture *fx;
	const struct caller *caller;
	struct new_user new_user;
	struct prepare_result out;
};

static enum err run_prepare(struct tx *tx, void *arg)
{
	struct prepare_run *const r = arg;
	const struct prepare_params params = {
		.identifier = identifier_from_text(ANA), .language = STR(""), .new_user = &r->new_user
	};

	return app_prepare(&r->fx->world, tx, r->caller, &params, &r->out);
}

static bool run_reports_already_prepared(struct prepare_run *r)
{
	assert_int_equal(store_transact(r->fx->world.store, TX_WRITE, &r->fx->arena, run_prepare, r), OK);
	return r->out.already_prepared;
}

static void user_added_by_a_run_with_lost_result_counts_as_new(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct identifier identifier = identifier_from_text(ANA);
	struct prepare_run run = { .fx = fx, .caller = &shop };

	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			user_new(&fx->world, &fx->arena, shop.tenant.group_name, &identifier, &run.new_user),
			OK);
		assert_int_equal(run_reports_already_prepared(&run), i > 0);
		assert_int_equal(run_reports_already_prepared(&run), i > 0);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 1);
	}
}

static void first_call_registers_and_second_reports_it(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	assert_false(fixture_prepare(fx, &shop, ANA).already_prepared);
	const struct prepare_result again = fixture_prepare(fx, &shop, ANA);
	assert_true(again.already_prepared);
	assert_false(again.verified.email);
	assert_false(again.kyc_approved);
	assert_string_equal(again.kyc_status, "pending");
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 1);
}

static void prepare_reports_verification_and_decision(void **state)
{
	static const struct {
		enum session_status status;
		bool approved;
		const char *word;
	} rows[] = {
		{ STATUS_NOT_STARTED, false, "pending" },
		{ STATUS_IN_PROGRESS, false, "pending" },
		{ STATUS_AWAITING_USER, false, "pending" },
		{ STATUS_RESUBMITTED, false, "pending" },
		{ STATUS_IN_REVIEW, false, "in_review" },
		{ STATUS_APPROVED, true, "approved" },
		{ STATUS_DECLINED, false, "declined" },
		{ STATUS_EXPIRED, false, "expired" },
		{ STATUS_ABANDONED, false, "expired" },
		{ STATUS_KYC_EXPIRED, false, "expired" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct prepare_result verified = fixture_prepare(fx, &shop, ANA);
	assert_true(verified.verified.email);
	assert_string_equal(verified.kyc_status, "pending");
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_set_session_status(fx, &shop, ANA, rows[i].status);
		const struct prepare_result prepared = fixture_prepare(fx, &shop, ANA);
		assert_int_equal(prepared.kyc_approved, rows[i].approved);
		assert_string_equal(prepared.kyc_status, rows[i].word);
	}
}

static void tenant_of_the_group_gets_no_information_before_its_own_verification(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);

	assert_false(fixture_prepare(fx, &bank, ANA).already_prepared);
	const struct prepare_result before = fixture_prepare(fx, &bank, ANA);
	assert_true(before.already_prepared);
	assert_false(before.verified.email);
	assert_false(before.kyc_approved);
	assert_string_equal(before.kyc_status, "pending");
	assert_string_equal(fixture_user(fx, &bank, ANA).id.text, fixture_user(fx, &shop, ANA).id.text);

	fixture_advance_clock(fx, minutes(1));
	fixture_verify_email(fx, &bank, ANA);
	const struct prepare_result after_verification = fixture_prepare(fx, &bank, ANA);
	assert_true(after_verification.verified.email);
	assert_true(after_verification.kyc_approved);
	assert_string_equal(after_verification.kyc_status, "approved");
}

static void tenants_of_different_groups_do_not_share_the_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_false(fixture_prepare(fx, &other_group, ANA).already_prepared);
	assert_string_not_equal(
		fixture_user(fx, &other_group, ANA).id.text, fixture_user(fx, &shop, ANA).id.text);
	fixture_verify_email(fx, &other_group, ANA);
	assert_string_equal(fixture_prepare(fx, &other_group, ANA).kyc_status, "pending");
}

static void last_requested_language_is_stored(void **state)
{
	static const struct {
		const char *requested, *stored;
	} rows[] = { { "pt-BR", "pt-BR" }, { "", "pt-BR" }, { "de", "de" }, { "de", "de" } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(rows); i++) {
		assert_int_equal(prepare_in_language(fx, &shop, rows[i].requested), OK);
		assert_string_equal(fixture_user(fx, &shop, ANA).language, rows[i].stored);
	}
}

static void failure_of_randomness_registers_no_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	size_t needed;

	const size_t before = atomic_load(&fx->random.calls);
	assert_int_equal(prepare_in_language(fx, &shop, "en"), OK);
	needed = atomic_load(&fx->random.calls) - before;
	assert_true(needed > 2);

	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const size_t audit_count = fixture_count_audit(fx, AUDIT_PREPARED);
	for (size_t n_calls = 0; n_calls < needed; n_calls++) {
		atomic_store(&fx->random.calls_before_failure, n_calls);
		assert_int_equal(prepare_in_language(fx, &bank, "en"), ERR_INTERNAL);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), audit_count);
	}
	atomic_store(&fx->random.calls_before_failure, SIZE_MAX);
	assert_false(fixture_prepare(fx, &bank, ANA).already_prepared);
}

/* A key is bound to its user. Otherwise a person with access to the database could copy a key to another
 * user's row. */
static void key_of_a_user_cannot_be_used_for_another_user(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct sealed_field place = { "sessions", "url", "01session" };
	struct str sealed, plain;

	(void)fixture_prepare(fx, &shop, ANA);
	struct user user = fixture_user(fx, &shop, ANA);
	assert_int_equal(user_seal(&fx->world, &fx->arena, &user, &place, STR("text"), &sealed), OK);
	assert_int_equal(user_unseal(&fx->world, &fx->arena, &user, &place, sealed, &plain), OK);
	assert_true(str_eq(plain, STR("text")));
	user.id.text[0] ^= 1;
	assert_int_not_equal(user_unseal(&fx->world, &fx->arena, &user, &place, sealed, &plain), OK);
	assert_int_not_equal(user_seal(&fx->world, &fx->arena, &user, &place, STR("text"), &sealed), OK);
}

static bool contains(const void *bytes, size_t n, const char *text)
{
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void address_is_never_stored_unencrypted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	struct address address = { .blind_index = user.blind_index };
	fixture_load(fx, RECORD_ADDRESS, &address);
	assert_string_equal(address.user_id.text, user.id.text);
	assert_true(address.sealed_address.n > strlen(ANA));
	assert_false(contains(address.sealed_address.p, address.sealed_address.n, "example"));
	assert_false(contains(&address, sizeof(address), "example"));
	assert_false(contains(&user, sizeof(user), "example"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(first_call_registers_and_second_reports_it),
		TEST(user_added_by_a_run_with_lost_result_counts_as_new),
		TEST(prepare_reports_verification_and_decision),
		TEST(tenant_of_the_group_gets_no_information_before_its_own_verification),
		TEST(tenants_of_different_groups_do_not_share_the_person),
		TEST(last_requested_language_is_stored),
		TEST(failure_of_randomness_registers_no_person),
		TEST(key_of_a_user_cannot_be_used_for_another_user),
		TEST(address_is_never_stored_unencrypted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
