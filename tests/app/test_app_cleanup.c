/* The clean-up thread removes expired rows by itself, and goes on after a failure of the store. */
#include "app/admin/cleanup.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "kit/world.h"

static bool challenge_is_stored(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet)
{
	const struct identifier who = identifier_wallet(str_of(wallet->wallet.text));
	struct challenge row = { .tenant_id = caller->tenant.id };

	blind_index_of(&kit->world, caller->tenant.group_name, &who, &row.wallet_index);
	return kit_has(kit, RECORD_CHALLENGE, &row);
}

static bool challenge_goes(struct kit *kit, const struct caller *caller, const struct kit_wallet *wallet)
{
	for (int i = 0; i < 2000 && challenge_is_stored(kit, caller, wallet); i++)
		single_flight_wait(kit->single_flights, milliseconds(10));
	return !challenge_is_stored(kit, caller, wallet);
}

static void thread_removes_expired_challenges(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet evm = kit_wallet(WALLET_EVM, 0x11), solana = kit_wallet(WALLET_SOLANA, 0x22);
	struct cleanup_thread *thread;

	(void)kit_challenge(kit, &shop, &evm);
	kit_wait(kit, milliseconds(kit->rules.challenge_ttl.ms + CHALLENGE_RETENTION.ms));
	(void)kit_challenge(kit, &shop, &solana);
	assert_int_equal(cleanup_thread_start(&kit->world, &thread), OK);
	assert_true(challenge_goes(kit, &shop, &evm));
	assert_true(challenge_is_stored(kit, &shop, &solana));
	cleanup_thread_stop(thread);
}

static void thread_continues_after_a_store_failure(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct kit_wallet evm = kit_wallet(WALLET_EVM, 0x11);
	struct cleanup_thread *thread;

	(void)kit_challenge(kit, &shop, &evm);
	kit_wait(kit, milliseconds(kit->rules.challenge_ttl.ms + CHALLENGE_RETENTION.ms));
	atomic_store(&kit->store.fault, KIT_BEFORE_WORK);
	assert_int_equal(cleanup_thread_start(&kit->world, &thread), OK);
	for (int i = 0; i < 30; i++)
		single_flight_wait(kit->single_flights, milliseconds(10));
	atomic_store(&kit->store.fault, KIT_NO_FAULT);
	assert_true(challenge_goes(kit, &shop, &evm));
	cleanup_thread_stop(thread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(thread_removes_expired_challenges, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			thread_continues_after_a_store_failure, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
