/* Whether a 201 of send-otp is worth something: no letter goes, one goes again, the mail server is asked. */
#include "app/mail/health.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct caller ask_for_a_code(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	return shop;
}

static enum send_verdict try_to_send(struct app_fixture *fx, const struct caller *caller)
{
	return fixture_send_otp(fx, caller, BOB).verdict;
}

static void while_no_letter_can_be_handed_over_none_is_promised(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect rows[8];
	const struct effect open = { .done = false };

	(void)fixture_prepare(fx, &shop, BOB);
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	fixture_advance_clock(fx, seconds(15));
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	fixture_advance_clock(fx, milliseconds(44999));
	(void)fixture_deliver_outbox(fx);
	assert_false(mail_is_down(&fx->world)); /* 59.999 s */
	fixture_advance_clock(fx, milliseconds(1));
	assert_true(mail_is_down(&fx->world)); /* 60 s */
	assert_int_equal(try_to_send(fx, &shop), SEND_MAIL_DOWN);
	assert_int_equal(fixture_find(fx, QUERY_EFFECTS_OPEN, &open, rows, 8), 1);
	assert_int_equal(fixture_user(fx, &shop, BOB).send_tat.ms, 0);
	/* Recovers by itself: the letter that waits goes through. */
	fx->mailer.result = DELIVERY_ACCEPTED;
	fixture_advance_clock(fx, seconds(50));
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_false(mail_is_down(&fx->world));
	assert_int_equal(try_to_send(fx, &shop), SEND_QUEUED);
}

/* Seventy seconds in which one letter was stuck, tried twice. */
static struct caller stuck_for_long(struct app_fixture *fx)
{
	const struct caller shop = ask_for_a_code(fx);

	(void)fixture_prepare(fx, &shop, BOB);
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		fixture_advance_clock(fx, seconds(35));
	}
	return shop;
}

static void without_letters_the_server_is_asked(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = stuck_for_long(fx);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(try_to_send(fx, &shop), SEND_MAIL_DOWN);
		mail_health_probe(&fx->world, &fx->arena);
		fixture_advance_clock(fx, seconds(20));
	}
	assert_int_equal(fx->mailer.probes, 100);
	assert_false(mail_take_recovered(&fx->world));
	fx->mailer.probe_result = true;
	mail_health_probe(&fx->world, &fx->arena);
	assert_true(mail_take_recovered(&fx->world));
	assert_false(mail_take_recovered(&fx->world));
	assert_int_equal(try_to_send(fx, &shop), SEND_QUEUED);
	mail_health_probe(&fx->world, &fx->arena);
	assert_int_equal(fx->mailer.probes, 101);
}

static void it_is_asked_every_ten_seconds_while_letters_are_stuck(void **state)
{
	static const struct {
		int64_t retry_ms, wait_ms;
		size_t asked;
	} rows[] = { { 10000, 9999, 0 }, { 10000, 10000, 1 }, { 60000, 9999, 0 }, { 60000, 10000, 1 },
		{ 1000, 999, 0 }, { 1000, 1000, 1 } };
	struct app_fixture *const fx = *state;

	mail_health_probe(&fx->world, &fx->arena);
	assert_int_equal(fx->mailer.probes, 0);
	(void)ask_for_a_code(fx);
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		fx->rules.mail_retry = milliseconds(rows[i].retry_ms);
		fixture_advance_clock(fx, minutes(1));
		mail_health_probe(&fx->world, &fx->arena);
		const size_t before = fx->mailer.probes;

		mail_health_probe(&fx->world, &fx->arena);
		fixture_advance_clock(fx, milliseconds(rows[i].wait_ms));
		mail_health_probe(&fx->world, &fx->arena);
		assert_int_equal(fx->mailer.probes - before, rows[i].asked);
	}
}

static void where_it_says_yes_and_takes_no_letter_one_finds_out(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);

	(void)fixture_prepare(fx, &shop, BOB);
	fx->mailer.probe_result = true;
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	mail_health_probe(&fx->world, &fx->arena);
	fixture_advance_clock(fx, seconds(60));
	mail_health_probe(&fx->world, &fx->arena);
	for (int i = 0; i < 3; i++) {
		assert_false(mail_is_down(&fx->world));
		assert_true(mail_is_down(&fx->world));
		fixture_advance_clock(fx, milliseconds(9999));
		assert_true(mail_is_down(&fx->world));
		fixture_advance_clock(fx, milliseconds(1));
	}
	/* It was unwilling in between: its yes is news. */
	fx->mailer.probe_result = false;
	mail_health_probe(&fx->world, &fx->arena);
	fixture_advance_clock(fx, seconds(10));
	assert_true(mail_is_down(&fx->world));
	fx->mailer.probe_result = true;
	mail_health_probe(&fx->world, &fx->arena);
	assert_false(mail_is_down(&fx->world));
	assert_false(mail_is_down(&fx->world));
}

/* Who finds out is a call, not a run of its transaction: the store runs each twice. */
static void who_finds_out_is_told_yes(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = stuck_for_long(fx);

	fx->mailer.probe_result = true;
	atomic_store(&fx->mailer.base.probe_result, MAILER_PROBE_OK);
	fixture_advance_clock(fx, seconds(10));
	assert_int_equal(try_to_send(fx, &shop), SEND_QUEUED);
	assert_int_equal(try_to_send(fx, &shop), SEND_MAIL_DOWN);
}

static void a_clock_set_back_begins_the_minute_anew(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = stuck_for_long(fx);

	assert_int_equal(try_to_send(fx, &shop), SEND_MAIL_DOWN);
	fx->clock.now -= hours(1).ms;
	assert_false(mail_is_down(&fx->world));
	fixture_advance_clock(fx, milliseconds(59999));
	assert_false(mail_is_down(&fx->world));
	fixture_advance_clock(fx, milliseconds(1));
	assert_true(mail_is_down(&fx->world));
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
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(fates); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		fx->mailer.result = DELIVERY_RELAY_DOWN;
		(void)fixture_send_otp(fx, &shop, ANA);
		(void)fixture_deliver_outbox(fx);
		fixture_advance_clock(fx, seconds(30));
		fx->mailer.result = fates[i];
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		fixture_advance_clock(fx, seconds(30));
		assert_false(mail_is_down(&fx->world));
		fixture_advance_clock(fx, minutes(10));
		fx->mailer.result = DELIVERY_ACCEPTED;
		(void)fixture_deliver_outbox(fx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			while_no_letter_can_be_handed_over_none_is_promised, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			without_letters_the_server_is_asked, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(it_is_asked_every_ten_seconds_while_letters_are_stuck,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			where_it_says_yes_and_takes_no_letter_one_finds_out, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(who_finds_out_is_told_yes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_clock_set_back_begins_the_minute_anew, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			there_is_an_advice_for_each_trouble, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			a_refused_recipient_is_no_trouble_of_ours, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
