/* Whether a 201 of send-otp is worth something: no letter goes, one goes again, the mail server is asked. */
#include "app/mail/health.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct caller ask_for_a_code(struct kit *kit)
{
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	(void)kit_prepare(kit, &shop, ANA);
	assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_QUEUED);
	return shop;
}

static enum send_verdict try_to_send(struct kit *kit, const struct caller *caller)
{
	return kit_send(kit, caller, BOB).verdict;
}

static void while_no_letter_can_be_handed_over_none_is_promised(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect rows[8];
	const struct effect open = { .done = false };

	(void)kit_prepare(kit, &shop, BOB);
	kit->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(kit_carry(kit), 1);
	kit_wait(kit, seconds(15));
	assert_int_equal(kit_carry(kit), 1);
	kit_wait(kit, milliseconds(44999));
	(void)kit_carry(kit);
	assert_false(mail_is_down(&kit->world)); /* 59.999 s */
	kit_wait(kit, milliseconds(1));
	assert_true(mail_is_down(&kit->world)); /* 60 s */
	assert_int_equal(try_to_send(kit, &shop), SEND_MAIL_DOWN);
	assert_int_equal(kit_find(kit, QUERY_EFFECTS_OPEN, &open, rows, 8), 1);
	assert_int_equal(kit_user(kit, &shop, BOB).send_tat.ms, 0);
	/* Recovers by itself: the letter that waits goes through. */
	kit->mailer.result = DELIVERY_ACCEPTED;
	kit_wait(kit, seconds(50));
	assert_int_equal(kit_carry(kit), 1);
	assert_false(mail_is_down(&kit->world));
	assert_int_equal(try_to_send(kit, &shop), SEND_QUEUED);
}

/* Seventy seconds in which one letter was stuck, tried twice. */
static struct caller stuck_for_long(struct kit *kit)
{
	const struct caller shop = ask_for_a_code(kit);

	(void)kit_prepare(kit, &shop, BOB);
	kit->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(kit_carry(kit), 1);
		kit_wait(kit, seconds(35));
	}
	return shop;
}

static void without_letters_the_server_is_asked(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = stuck_for_long(kit);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(try_to_send(kit, &shop), SEND_MAIL_DOWN);
		mail_health_probe(&kit->world, &kit->arena);
		kit_wait(kit, seconds(20));
	}
	assert_int_equal(kit->mailer.asked, 100);
	assert_false(mail_take_recovered(&kit->world));
	kit->mailer.willing = true;
	mail_health_probe(&kit->world, &kit->arena);
	assert_true(mail_take_recovered(&kit->world));
	assert_false(mail_take_recovered(&kit->world));
	assert_int_equal(try_to_send(kit, &shop), SEND_QUEUED);
	mail_health_probe(&kit->world, &kit->arena);
	assert_int_equal(kit->mailer.asked, 101);
}

static void it_is_asked_every_ten_seconds_while_letters_are_stuck(void **state)
{
	static const struct {
		int64_t retry_ms, wait_ms;
		size_t asked;
	} rows[] = { { 10000, 9999, 0 }, { 10000, 10000, 1 }, { 60000, 9999, 0 }, { 60000, 10000, 1 },
		{ 1000, 999, 0 }, { 1000, 1000, 1 } };
	struct kit *const kit = *state;

	mail_health_probe(&kit->world, &kit->arena);
	assert_int_equal(kit->mailer.asked, 0);
	(void)ask_for_a_code(kit);
	kit->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(kit_carry(kit), 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		kit->rules.mail_retry = milliseconds(rows[i].retry_ms);
		kit_wait(kit, minutes(1));
		mail_health_probe(&kit->world, &kit->arena);
		const size_t before = kit->mailer.asked;

		mail_health_probe(&kit->world, &kit->arena);
		kit_wait(kit, milliseconds(rows[i].wait_ms));
		mail_health_probe(&kit->world, &kit->arena);
		assert_int_equal(kit->mailer.asked - before, rows[i].asked);
	}
}

static void where_it_says_yes_and_takes_no_letter_one_finds_out(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);

	(void)kit_prepare(kit, &shop, BOB);
	kit->mailer.willing = true;
	kit->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(kit_carry(kit), 1);
	mail_health_probe(&kit->world, &kit->arena);
	kit_wait(kit, seconds(60));
	mail_health_probe(&kit->world, &kit->arena);
	for (int i = 0; i < 3; i++) {
		assert_false(mail_is_down(&kit->world));
		assert_true(mail_is_down(&kit->world));
		kit_wait(kit, milliseconds(9999));
		assert_true(mail_is_down(&kit->world));
		kit_wait(kit, milliseconds(1));
	}
	/* It was unwilling in between: its yes is news. */
	kit->mailer.willing = false;
	mail_health_probe(&kit->world, &kit->arena);
	kit_wait(kit, seconds(10));
	assert_true(mail_is_down(&kit->world));
	kit->mailer.willing = true;
	mail_health_probe(&kit->world, &kit->arena);
	assert_false(mail_is_down(&kit->world));
	assert_false(mail_is_down(&kit->world));
}

/* Who finds out is a call, not a run of its transaction: the store runs each twice. */
static void who_finds_out_is_told_yes(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = stuck_for_long(kit);

	kit->mailer.willing = true;
	atomic_store(&kit->mailer.base.probe_result, MAILER_PROBE_OK);
	kit_wait(kit, seconds(10));
	assert_int_equal(try_to_send(kit, &shop), SEND_QUEUED);
	assert_int_equal(try_to_send(kit, &shop), SEND_MAIL_DOWN);
}

static void a_clock_set_back_begins_the_minute_anew(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = stuck_for_long(kit);

	assert_int_equal(try_to_send(kit, &shop), SEND_MAIL_DOWN);
	kit->clock.now -= hours(1).ms;
	assert_false(mail_is_down(&kit->world));
	kit_wait(kit, milliseconds(59999));
	assert_false(mail_is_down(&kit->world));
	kit_wait(kit, milliseconds(1));
	assert_true(mail_is_down(&kit->world));
}

static void there_is_an_advice_for_each_trouble(void **state)
{
	static const char *const whys[] = { "address", "broken", "certificate", "connect", "letter", "login",
		"memory", "resolve", "starttls", "timeout", "tls", "421", "451", "454", "530", "535", "550",
		"554" };

	(void)state;
	for (size_t i = 0; i < array_len(whys); i++) {
		const size_t n = strlen(mail_advice(whys[i]));

		if (n < 40 || n > 128) /* base/log cuts there */
			fail_msg("%s: %zu characters", whys[i], n);
	}
	assert_string_not_equal(mail_advice("535"), mail_advice("550"));
	assert_string_not_equal(mail_advice("454"), mail_advice("451"));
	assert_string_not_equal(mail_advice("tls"), mail_advice("starttls"));
	assert_string_equal(mail_advice("busy"), "");
}

static void a_refused_recipient_is_no_trouble_of_ours(void **state)
{
	static const enum delivery_result fates[] = { DELIVERY_REFUSED, DELIVERY_DEFERRED,
		DELIVERY_ACCEPTED };
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(fates); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);

		(void)kit_prepare(kit, &shop, ANA);
		kit->mailer.result = DELIVERY_RELAY_DOWN;
		(void)kit_send(kit, &shop, ANA);
		(void)kit_carry(kit);
		kit_wait(kit, seconds(30));
		kit->mailer.result = fates[i];
		assert_int_equal(kit_carry(kit), 1);
		kit_wait(kit, seconds(30));
		assert_false(mail_is_down(&kit->world));
		kit_wait(kit, minutes(10));
		kit->mailer.result = DELIVERY_ACCEPTED;
		(void)kit_carry(kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			while_no_letter_can_be_handed_over_none_is_promised, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(without_letters_the_server_is_asked, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			it_is_asked_every_ten_seconds_while_letters_are_stuck, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			where_it_says_yes_and_takes_no_letter_one_finds_out, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(who_finds_out_is_told_yes, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_clock_set_back_begins_the_minute_anew, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(there_is_an_advice_for_each_trouble, kit_setup, kit_teardown),
		cmocka_unit_test_setup_teardown(
			a_refused_recipient_is_no_trouble_of_ours, kit_setup, kit_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
