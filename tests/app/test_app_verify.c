/* verify-otp: the order of checks, the tries, the end of a code. */
#include "app/enrolment/email_otp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/world.h"

#define ANA "ana.exemplo@example.com"

static void the_order_of_checks(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	char code[7], other[7];

	assert_int_equal(kit_verify(kit, &shop, ANA, "123456"), VERIFY_UNKNOWN_USER);
	assert_int_equal(kit_verify(kit, &shop, ANA, "12"), VERIFY_UNKNOWN_USER);
	(void)kit_prepare(kit, &shop, ANA);
	assert_int_equal(kit_verify(kit, &shop, ANA, "123456"), VERIFY_EXPIRED);
	assert_int_equal(kit_verify(kit, &shop, ANA, "12"), VERIFY_EXPIRED);
	kit_new_code(kit, &shop, ANA, code);
	kit_other_code(code, other);
	assert_int_equal(kit_verify(kit, &shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ACCEPTED);
	/* Proven comes before everything that the code itself could be. */
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ALREADY);
	assert_int_equal(kit_verify(kit, &shop, ANA, other), VERIFY_ALREADY);
	kit_wait(kit, hours(1));
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ALREADY);
	assert_int_equal(kit_acts(kit, AUDIT_VERIFIED), 1);
}

static void the_fifth_wrong_code_is_wrong_and_the_sixth_try_is_one_too_many(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	char code[7], other[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	kit_other_code(code, other);
	for (int i = 0; i < 5; i++)
		assert_int_equal(kit_verify(kit, &shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_LOCKED);
	assert_int_equal(kit_verify(kit, &shop, ANA, other), VERIFY_LOCKED);
	assert_int_equal(kit_verify(kit, &shop, ANA, "12"), VERIFY_LOCKED);
	kit_new_code(kit, &shop, ANA, code);
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void the_fifth_try_may_be_the_right_one(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	char code[7], other[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	kit_other_code(code, other);
	for (int i = 0; i < 4; i++)
		assert_int_equal(kit_verify(kit, &shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void what_cannot_be_a_code_costs_no_try(void **state)
{
	static const char *const rows[] = { "", "1", "12345", "1234567", "12a456", "abcdef", "12345 ",
		"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96" };
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	char code[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(kit_verify(kit, &shop, ANA, rows[i]), VERIFY_WRONG);
	struct otp otp = { .tenant_id = shop.tenant.id, .user_id = kit_user(kit, &shop, ANA).id };
	kit_load(kit, RECORD_OTP, &otp);
	assert_int_equal(otp.tries_left, 5);
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_ACCEPTED);
}

static void a_code_lives_for_600_seconds(void **state)
{
	static const struct {
		const char *name;
		int64_t age_ms;
		enum verify_verdict verdict;
	} rows[] = {
		{ "a millisecond before", 599999, VERIFY_ACCEPTED },
		{ "at its end", 600000, VERIFY_EXPIRED },
		{ "a millisecond after", 600001, VERIFY_EXPIRED },
	};
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);

		(void)kit_prepare(kit, &shop, ANA);
		kit_new_code(kit, &shop, ANA, code);
		kit_wait(kit, milliseconds(rows[i].age_ms));
		if (kit_verify(kit, &shop, ANA, code) != rows[i].verdict)
			fail_msg("%s", rows[i].name);
	}
}

static void after_its_life_a_code_is_expired_whatever_its_tries(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	char code[7], other[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	kit_other_code(code, other);
	for (int i = 0; i < 6; i++)
		(void)kit_verify(kit, &shop, ANA, other);
	kit_wait(kit, milliseconds(599999));
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_LOCKED);
	kit_wait(kit, milliseconds(1));
	assert_int_equal(kit_verify(kit, &shop, ANA, code), VERIFY_EXPIRED);
	assert_int_equal(kit_verify(kit, &shop, ANA, "12"), VERIFY_EXPIRED);
}

static void another_tenants_code_is_useless(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA);
	const struct caller bank = kit_tenant(kit, "bank", "ring", NO_QUOTA);
	char of_shop[7], of_bank[7];

	(void)kit_prepare(kit, &shop, ANA);
	(void)kit_prepare(kit, &bank, ANA);
	kit_new_code(kit, &shop, ANA, of_shop);
	assert_int_equal(kit_verify(kit, &bank, ANA, of_shop), VERIFY_EXPIRED);
	kit_new_code(kit, &bank, ANA, of_bank);
	assert_string_not_equal(of_shop, of_bank);
	assert_int_equal(kit_verify(kit, &bank, ANA, of_shop), VERIFY_WRONG);
	/* One live code per person and tenant: neither disturbs the other. */
	assert_int_equal(kit_verify(kit, &shop, ANA, of_shop), VERIFY_ACCEPTED);
	assert_int_equal(kit_verify(kit, &bank, ANA, of_bank), VERIFY_ACCEPTED);
}

struct guess {
	struct kit *kit;
	const struct caller *caller;
	struct str code;
	enum verify_verdict verdict;
	struct thread thread;
	struct arena arena;
	enum err e;
};

static enum err judge(struct tx *tx, void *arg)
{
	struct guess *const g = arg;

	return app_verify_email_otp(&g->kit->world, tx, g->caller, STR(ANA), g->code, &g->verdict);
}

static void guess(void *arg)
{
	struct guess *const g = arg;

	arena_init(&g->arena, ARENA_CALL_LIMIT);
	g->e = store_transact(g->kit->world.store, TX_WRITE, &g->arena, judge, g);
	arena_finish(&g->arena);
}

static void guess_at_once(struct kit *kit, const struct caller *caller, const char *code, size_t n,
	size_t counts[VERIFY_WRONG + 1])
{
	struct guess guesses[60];

	assert_true(n <= array_len(guesses));
	for (size_t i = 0; i < n; i++) {
		guesses[i] = (struct guess){ .kit = kit, .caller = caller, .code = str_of(code) };
		assert_int_equal(thread_start(&guesses[i].thread, guess, &guesses[i]), OK);
	}
	for (size_t i = 0; i < n; i++) {
		thread_join(&guesses[i].thread);
		assert_int_equal(guesses[i].e, OK);
		counts[guesses[i].verdict]++;
	}
}

static void sixty_wrong_guesses_at_once_are_five_tries(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	size_t counts[VERIFY_WRONG + 1] = { 0 };
	char code[7], other[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	kit_other_code(code, other);
	guess_at_once(kit, &shop, other, 60, counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], 55);
}

static void thirty_right_guesses_at_once_are_one_proof(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	size_t counts[VERIFY_WRONG + 1] = { 0 };
	char code[7];

	(void)kit_prepare(kit, &shop, ANA);
	kit_new_code(kit, &shop, ANA, code);
	guess_at_once(kit, &shop, code, 30, counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], 29);
	assert_int_equal(kit_acts(kit, AUDIT_VERIFIED), 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_order_of_checks),
		TEST(the_fifth_wrong_code_is_wrong_and_the_sixth_try_is_one_too_many),
		TEST(the_fifth_try_may_be_the_right_one),
		TEST(what_cannot_be_a_code_costs_no_try),
		TEST(a_code_lives_for_600_seconds),
		TEST(after_its_life_a_code_is_expired_whatever_its_tries),
		TEST(another_tenants_code_is_useless),
		TEST(sixty_wrong_guesses_at_once_are_five_tries),
		TEST(thirty_right_guesses_at_once_are_one_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
