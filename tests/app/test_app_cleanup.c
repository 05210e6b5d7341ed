/* The clean-up thread removes expired rows by itself, and goes on after a failure of the store. */
#include "app/admin/cleanup.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "kit/app_fixture.h"

static bool challenge_is_stored(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet)
{
	const struct identifier identifier = identifier_wallet(str_of(wallet->wallet.text));
	struct challenge row = { .tenant_id = caller->tenant.id };

	blind_index_of(&fx->world, caller->tenant.group_name, &identifier, &row.wallet_index);
	return fixture_try_load(fx, RECORD_CHALLENGE, &row);
}

static bool wait_until_challenge_is_deleted(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *wallet)
{
	for (int i = 0; i < 2000 && challenge_is_stored(fx, caller, wallet); i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	return !challenge_is_stored(fx, caller, wallet);
}

static void thread_removes_expired_challenges(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11),
				    solana = signing_wallet_new(WALLET_SOLANA, 0x22);
	struct cleanup_thread *thread;

	(void)fixture_challenge(fx, &shop, &evm);
	fixture_advance_clock(fx, milliseconds(fx->rules.challenge_ttl.ms + CHALLENGE_RETENTION.ms));
	(void)fixture_challenge(fx, &shop, &solana);
	assert_int_equal(cleanup_thread_start(&fx->world, &thread), OK);
	assert_true(wait_until_challenge_is_deleted(fx, &shop, &evm));
	assert_true(challenge_is_stored(fx, &shop, &solana));
	cleanup_thread_stop(thread);
}

static void thread_continues_after_a_store_failure(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);
	struct cleanup_thread *thread;

	(void)fixture_challenge(fx, &shop, &evm);
	fixture_advance_clock(fx, milliseconds(fx->rules.challenge_ttl.ms + CHALLENGE_RETENTION.ms));
	atomic_store(&fx->store.fault, STORE_FAULT_BEFORE_WORK);
	assert_int_equal(cleanup_thread_start(&fx->world, &thread), OK);
	for (int i = 0; i < 30; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_true(wait_until_challenge_is_deleted(fx, &shop, &evm));
	cleanup_thread_stop(thread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			thread_removes_expired_challenges, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			thread_continues_after_a_store_failure, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
