/* app_verify_email_otp: the order of its checks, the number of tries and the expiry of codes. */
#include "app/enrolment/email_otp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"

static void checks_are_made_in_this_order(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7], wrong_code[7];

	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "123456"), VERIFY_UNKNOWN_USER);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "12"), VERIFY_UNKNOWN_USER);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "123456"), VERIFY_EXPIRED);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "12"), VERIFY_EXPIRED);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong_code), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
	/* Once the address is verified, the code is not checked any more. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ALREADY);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong_code), VERIFY_ALREADY);
	fixture_advance_clock(fx, hours(1));
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ALREADY);
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), 1);
}

static void code_is_locked_after_five_wrong_tries(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7], wrong_code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	for (int i = 0; i < 5; i++)
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong_code), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_LOCKED);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong_code), VERIFY_LOCKED);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "12"), VERIFY_LOCKED);
	fixture_get_otp(fx, &shop, ANA, code);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void fifth_try_may_be_correct(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7], wrong_code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	for (int i = 0; i < 4; i++)
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, wrong_code), VERIFY_WRONG);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void malformed_code_does_not_count_as_a_try(void **state)
{
	static const char *const rows[] = { "", "1", "12345", "1234567", "12a456", "abcdef", "12345 ",
		"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96" };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, rows[i]), VERIFY_WRONG);
	struct otp otp = { .tenant_id = shop.tenant.id, .user_id = fixture_user(fx, &shop, ANA).id };
	fixture_load(fx, RECORD_OTP, &otp);
	assert_int_equal(otp.tries_left, 5);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void code_expires_after_600_seconds(void **state)
{
	static const struct {
		const char *name;
		int64_t age_ms;
		enum verify_verdict verdict;
	} rows[] = {
		{ "a millisecond before", 599999, VERIFY_ACCEPTED },
		{ "at its expiry", 600000, VERIFY_EXPIRED },
		{ "a millisecond after", 600001, VERIFY_EXPIRED },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		fixture_get_otp(fx, &shop, ANA, code);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		if (fixture_verify_otp(fx, &shop, ANA, code) != rows[i].verdict)
			fail_msg("%s", rows[i].name);
	}
}

static void expired_code_is_expired_even_if_locked(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7], wrong_code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	for (int i = 0; i < 6; i++)
		(void)fixture_verify_otp(fx, &shop, ANA, wrong_code);
	fixture_advance_clock(fx, milliseconds(599999));
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_LOCKED);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_EXPIRED);
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, "12"), VERIFY_EXPIRED);
}

static void code_of_another_tenant_is_rejected(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	char shop_code[7], bank_code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	fixture_get_otp(fx, &shop, ANA, shop_code);
	assert_int_equal(fixture_verify_otp(fx, &bank, ANA, shop_code), VERIFY_EXPIRED);
	fixture_get_otp(fx, &bank, ANA, bank_code);
	assert_string_not_equal(shop_code, bank_code);
	assert_int_equal(fixture_verify_otp(fx, &bank, ANA, shop_code), VERIFY_WRONG);
	/* Each tenant has its own code for the person. */
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, shop_code), VERIFY_ACCEPTED);
	assert_int_equal(fixture_verify_otp(fx, &bank, ANA, bank_code), VERIFY_ACCEPTED);
}

struct guess {
	struct app_fixture *fx;
	const struct caller *caller;
	struct str code;
	enum verify_verdict verdict;
	struct thread thread;
	struct arena arena;
	enum err e;
};

static enum err verify_in_tx(struct tx *tx, void *arg)
{
	struct guess *const g = arg;

	return app_verify_email_otp(&g->fx->world, tx, g->caller, STR(ANA), g->code, &g->verdict);
}

static void run_guess(void *arg)
{
	struct guess *const g = arg;

	arena_init(&g->arena, ARENA_CALL_LIMIT);
	g->e = store_transact(g->fx->world.store, TX_WRITE, &g->arena, verify_in_tx, g);
	arena_finish(&g->arena);
}

static void guess_concurrently(struct app_fixture *fx, const struct caller *caller, const char *code,
	size_t n, size_t counts[VERIFY_WRONG + 1])
{
	struct guess guesses[60];

	assert_true(n <= array_len(guesses));
	for (size_t i = 0; i < n; i++) {
		guesses[i] = (struct guess){ .fx = fx, .caller = caller, .code = str_of(code) };
		assert_int_equal(thread_start(&guesses[i].thread, run_guess, &guesses[i]), OK);
	}
	for (size_t i = 0; i < n; i++) {
		thread_join(&guesses[i].thread);
		assert_int_equal(guesses[i].e, OK);
		counts[guesses[i].verdict]++;
	}
}

static void concurrent_wrong_codes_use_five_tries(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	size_t counts[VERIFY_WRONG + 1] = { 0 };
	char code[7], wrong_code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	guess_concurrently(fx, &shop, wrong_code, 60, counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], 55);
}

static void concurrent_correct_codes_verify_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	size_t counts[VERIFY_WRONG + 1] = { 0 };
	char code[7];

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_get_otp(fx, &shop, ANA, code);
	guess_concurrently(fx, &shop, code, 30, counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], 29);
	assert_int_equal(fixture_count_audit(fx, AUDIT_VERIFIED), 1);
}

/* The stored hash of a link code includes the tenant, the user of the e-mail address and the wallet. If it is
 * copied to another claim, it matches no code. */
static void hash_of_a_link_code_is_bound_to_its_claim(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = signing_wallet_new(WALLET_EVM, 0x11),
				    b = signing_wallet_new(WALLET_SOLANA, 0x22);
	char code[7];

	(void)fixture_claim_email(fx, &shop, &a, ANA);
	fixture_get_link_otp(fx, &shop, &a, ANA, code);
	fixture_verify_wallet(fx, &shop, &b);
	fixture_verify_wallet(fx, &bank, &a);
	const struct identifier email = identifier_from_text(ANA);
	struct claim claim = { .code = { .tenant_id = shop.tenant.id } };
	blind_index_of(&fx->world, shop.tenant.group_name, &email, &claim.email_index);
	fixture_load(fx, RECORD_CLAIM, &claim);
	struct claim by_other_wallet = claim, at_other_tenant = claim, of_other_user = claim;

	by_other_wallet.wallet_index = fixture_user(fx, &shop, b.wallet.text).blind_index;
	fixture_save(fx, RECORD_CLAIM, &by_other_wallet);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &b, ANA, code), VERIFY_WRONG);
	at_other_tenant.code.tenant_id = bank.tenant.id;
	fixture_save(fx, RECORD_CLAIM, &at_other_tenant);
	assert_int_equal(fixture_verify_link_otp(fx, &bank, &a, ANA, code), VERIFY_WRONG);
	of_other_user.code.user_id = fixture_user(fx, &shop, b.wallet.text).id;
	fixture_save(fx, RECORD_CLAIM, &of_other_user);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_WRONG);
	fixture_save(fx, RECORD_CLAIM, &claim);
	assert_int_equal(fixture_verify_link_otp(fx, &shop, &a, ANA, code), VERIFY_ACCEPTED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(checks_are_made_in_this_order),
		TEST(code_is_locked_after_five_wrong_tries),
		TEST(fifth_try_may_be_correct),
		TEST(malformed_code_does_not_count_as_a_try),
		TEST(code_expires_after_600_seconds),
		TEST(expired_code_is_expired_even_if_locked),
		TEST(code_of_another_tenant_is_rejected),
		TEST(hash_of_a_link_code_is_bound_to_its_claim),
		TEST(concurrent_wrong_codes_use_five_tries),
		TEST(concurrent_correct_codes_verify_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
