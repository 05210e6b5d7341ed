#include "app/enrolment/prepare.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"

static enum err prepare_in(struct app_fixture *fx, const struct caller *caller, const char *language)
{
	const struct prepare_params params = { identifier_from_text(ANA), str_of(language), false, NULL };
	struct prepare_result prepared;

	return app_prepare_email(&fx->world, &fx->arena, caller, &params, &prepared);
}

/* As a store runs it that did not hear of a commit: the same work once more. */
struct rerun {
	struct app_fixture *fx;
	const struct caller *caller;
	struct new_user new_user;
	struct prepare_result out;
};

static enum err run_prepare(struct tx *tx, void *arg)
{
	struct rerun *const r = arg;
	const struct prepare_params params = { identifier_from_text(ANA), STR(""), false, &r->new_user };

	return app_prepare(&r->fx->world, tx, r->caller, &params, &r->out);
}

static bool is_there_again(struct rerun *r)
{
	assert_int_equal(store_transact(r->fx->world.store, TX_WRITE, &r->fx->arena, run_prepare, r), OK);
	return r->out.already_prepared;
}

static void what_a_lost_run_added_is_new_still(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct identifier who = identifier_from_text(ANA);
	struct rerun run = { .fx = fx, .caller = &shop };

	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			user_new(&fx->world, &fx->arena, shop.tenant.group_name, &who, &run.new_user), OK);
		assert_int_equal(is_there_again(&run), i > 0);
		assert_int_equal(is_there_again(&run), i > 0);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 1);
	}
}

static void the_first_time_registers_and_the_second_tells(void **state)
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

static void after_proof_and_decision_it_tells_them(void **state)
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
	const struct prepare_result proven = fixture_prepare(fx, &shop, ANA);
	assert_true(proven.verified.email);
	assert_string_equal(proven.kyc_status, "pending");
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_set_session_status(fx, &shop, ANA, rows[i].status);
		const struct prepare_result told = fixture_prepare(fx, &shop, ANA);
		assert_int_equal(told.kyc_approved, rows[i].approved);
		assert_string_equal(told.kyc_status, rows[i].word);
	}
}

static void a_tenant_of_the_group_meets_a_stranger_until_it_has_its_own_proof(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
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
	const struct prepare_result after_proof = fixture_prepare(fx, &bank, ANA);
	assert_true(after_proof.verified.email);
	assert_true(after_proof.kyc_approved);
	assert_string_equal(after_proof.kyc_status, "approved");
}

static void outside_the_group_it_is_another_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_false(fixture_prepare(fx, &lone, ANA).already_prepared);
	assert_string_not_equal(fixture_user(fx, &lone, ANA).id.text, fixture_user(fx, &shop, ANA).id.text);
	fixture_verify_email(fx, &lone, ANA);
	assert_string_equal(fixture_prepare(fx, &lone, ANA).kyc_status, "pending");
}

static void the_language_last_asked_for_is_kept(void **state)
{
	static const struct {
		const char *asked, *kept;
	} rows[] = { { "pt-BR", "pt-BR" }, { "", "pt-BR" }, { "de", "de" }, { "de", "de" } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(rows); i++) {
		assert_int_equal(prepare_in(fx, &shop, rows[i].asked), OK);
		assert_string_equal(fixture_user(fx, &shop, ANA).language, rows[i].kept);
	}
}

static void without_luck_nobody_is_registered(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	size_t needed;

	const size_t before = atomic_load(&fx->random.calls);
	assert_int_equal(prepare_in(fx, &shop, "en"), OK);
	needed = atomic_load(&fx->random.calls) - before;
	assert_true(needed > 2);

	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const size_t acts = fixture_count_audit(fx, AUDIT_PREPARED);
	for (size_t good = 0; good < needed; good++) {
		atomic_store(&fx->random.calls_before_failure, good);
		assert_int_equal(prepare_in(fx, &bank, "en"), ERR_INTERNAL);
		assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), acts);
	}
	atomic_store(&fx->random.calls_before_failure, SIZE_MAX);
	assert_false(fixture_prepare(fx, &bank, ANA).already_prepared);
}

static bool holds(const void *bytes, size_t n, const char *text)
{
	return memmem(bytes, n, text, strlen(text)) != NULL;
}

static void the_address_stands_in_no_row_in_clear(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	struct address address = { .blind_index = user.blind_index };
	fixture_load(fx, RECORD_ADDRESS, &address);
	assert_string_equal(address.user_id.text, user.id.text);
	assert_true(address.sealed_address.n > strlen(ANA));
	assert_false(holds(address.sealed_address.p, address.sealed_address.n, "example"));
	assert_false(holds(&address, sizeof(address), "example"));
	assert_false(holds(&user, sizeof(user), "example"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_first_time_registers_and_the_second_tells),
		TEST(what_a_lost_run_added_is_new_still),
		TEST(after_proof_and_decision_it_tells_them),
		TEST(a_tenant_of_the_group_meets_a_stranger_until_it_has_its_own_proof),
		TEST(outside_the_group_it_is_another_person),
		TEST(the_language_last_asked_for_is_kept),
		TEST(without_luck_nobody_is_registered),
		TEST(the_address_stands_in_no_row_in_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
