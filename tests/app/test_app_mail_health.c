/* Detecting that no e-mail can be delivered, so that send-otp refuses instead of queueing, and detecting the
 * recovery: by a delivery or by probing the mail server. */
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

static struct caller tenant_with_queued_mail(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	return shop;
}

static enum send_verdict send_otp_to_bob(struct app_fixture *fx, const struct caller *caller)
{
	return fixture_send_otp(fx, caller, BOB).verdict;
}

static void send_otp_is_refused_after_a_minute_without_delivery(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
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
	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_MAIL_DOWN);
	(void)fixture_claim_email(fx, &shop, &w, BOB);
	assert_int_equal(fixture_send_link_otp(fx, &shop, &w, BOB).verdict, SEND_MAIL_DOWN);
	assert_int_equal(fixture_find(fx, QUERY_EFFECTS_OPEN, &open, rows, 8), 1);
	assert_int_equal(fixture_user(fx, &shop, BOB).send_tat.ms, 0);
	/* Delivering the queued message ends the outage. */
	fx->mailer.result = DELIVERY_ACCEPTED;
	fixture_advance_clock(fx, seconds(50));
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_false(mail_is_down(&fx->world));
	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_QUEUED);
}

/* The mail server has been down for seventy seconds; one message was tried twice. */
static struct caller tenant_with_mail_down(struct app_fixture *fx)
{
	const struct caller shop = tenant_with_queued_mail(fx);

	(void)fixture_prepare(fx, &shop, BOB);
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		fixture_advance_clock(fx, seconds(35));
	}
	return shop;
}

static void successful_probe_ends_the_outage(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_mail_down(fx);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(send_otp_to_bob(fx, &shop), SEND_MAIL_DOWN);
		mail_health_probe(&fx->world, &fx->arena);
		fixture_advance_clock(fx, seconds(20));
	}
	assert_int_equal(fx->mailer.probes, 100);
	assert_false(mail_take_recovered(&fx->world));
	fx->mailer.probe_result = true;
	mail_health_probe(&fx->world, &fx->arena);
	assert_true(mail_take_recovered(&fx->world));
	assert_false(mail_take_recovered(&fx->world));
	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_QUEUED);
	mail_health_probe(&fx->world, &fx->arena);
	assert_int_equal(fx->mailer.probes, 101);
}

static void mail_server_is_probed_every_ten_seconds_while_down(void **state)
{
	static const struct {
		int64_t retry_ms, wait_ms;
		size_t probes;
	} rows[] = { { 10000, 9999, 0 }, { 10000, 10000, 1 }, { 60000, 9999, 0 }, { 60000, 10000, 1 },
		{ 1000, 999, 0 }, { 1000, 1000, 1 } };
	struct app_fixture *const fx = *state;

	mail_health_probe(&fx->world, &fx->arena);
	assert_int_equal(fx->mailer.probes, 0);
	(void)tenant_with_queued_mail(fx);
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
		assert_int_equal(fx->mailer.probes - before, rows[i].probes);
	}
}

static void one_message_per_ten_seconds_is_tried_if_probe_succeeds_but_delivery_fails(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);

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
	/* A successful probe after a failed one reports the recovery again. */
	fx->mailer.probe_result = false;
	mail_health_probe(&fx->world, &fx->arena);
	fixture_advance_clock(fx, seconds(10));
	assert_true(mail_is_down(&fx->world));
	fx->mailer.probe_result = true;
	mail_health_probe(&fx->world, &fx->arena);
	assert_false(mail_is_down(&fx->world));
	assert_false(mail_is_down(&fx->world));
}

/* While the probe succeeds, one request in ten seconds is let through to try the mail server. It counts as
 * one request, although the store runs the work of its transaction twice. */
static void one_trial_request_is_let_through_while_the_probe_succeeds(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_mail_down(fx);

	fx->mailer.probe_result = true;
	atomic_store(&fx->mailer.base.probe_result, MAILER_PROBE_OK);
	fixture_advance_clock(fx, seconds(10));
	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_QUEUED);
	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_MAIL_DOWN);
}

static void clock_set_back_restarts_the_minute(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_mail_down(fx);

	assert_int_equal(send_otp_to_bob(fx, &shop), SEND_MAIL_DOWN);
	fx->clock.now -= hours(1).ms;
	assert_false(mail_is_down(&fx->world));
	fixture_advance_clock(fx, milliseconds(59999));
	assert_false(mail_is_down(&fx->world));
	fixture_advance_clock(fx, milliseconds(1));
	assert_true(mail_is_down(&fx->world));
}

static const char *advice(const char *step, const char *reason)
{
	struct mail_report report = mail_report_of(reason);

	report.step = step;
	return mail_advice(&report);
}

static void each_delivery_error_has_advice_for_the_operator(void **state)
{
	static const char *const reasons[] = { "address", "broken", "certificate", "connect", "login",
		"memory", "message", "resolve", "starttls", "timeout", "tls", "421", "451", "454", "530",
		"535", "538", "550", "554" };
	static const char *const steps[] = { "connection", "login", "sender", "recipient", "content", "" };

	(void)state;
	for (size_t i = 0; i < array_len(reasons); i++) {
		for (size_t k = 0; k < array_len(steps); k++) {
			const size_t n = strlen(advice(steps[k], reasons[i]));

			if (n < 40 || n > 128)
				fail_msg("%s %s: %zu characters", steps[k], reasons[i], n);
		}
	}
	assert_string_not_equal(advice("", "454"), advice("", "451"));
	assert_string_not_equal(advice("", "tls"), advice("", "starttls"));
	assert_string_equal(advice("login", "busy"), "");
}

/* The same code means something else at each step: a refused login is not the sender's fault. */
static void advice_for_a_reply_depends_on_the_step(void **state)
{
	static const struct {
		const char *step, *reason, *part;
	} rows[] = {
		{ "login", "535", "user and password" },
		{ "login", "504", "user and password" },
		{ "login", "550", "user and password" },
		{ "login", "538", "TLS only" },
		{ "sender", "530", "login or TLS first" },
		{ "sender", "550", "KYCD_MAIL_FROM" },
		{ "sender", "535", "KYCD_MAIL_FROM" },
		{ "connection", "554", "this machine" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		if (strstr(advice(rows[i].step, rows[i].reason), rows[i].part) == NULL)
			fail_msg("%s %s", rows[i].step, rows[i].reason);
}

static void result_for_one_recipient_is_no_outage(void **state)
{
	static const enum delivery_result results[] = { DELIVERY_REFUSED, DELIVERY_DEFERRED,
		DELIVERY_ACCEPTED };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(results); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		fx->mailer.result = DELIVERY_RELAY_DOWN;
		(void)fixture_send_otp(fx, &shop, ANA);
		(void)fixture_deliver_outbox(fx);
		fixture_advance_clock(fx, seconds(30));
		fx->mailer.result = results[i];
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
			send_otp_is_refused_after_a_minute_without_delivery, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			successful_probe_ends_the_outage, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			mail_server_is_probed_every_ten_seconds_while_down, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			one_message_per_ten_seconds_is_tried_if_probe_succeeds_but_delivery_fails,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(one_trial_request_is_let_through_while_the_probe_succeeds,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			clock_set_back_restarts_the_minute, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			each_delivery_error_has_advice_for_the_operator, fixture_setup, fixture_teardown),
		cmocka_unit_test(advice_for_a_reply_depends_on_the_step),
		cmocka_unit_test_setup_teardown(
			result_for_one_recipient_is_no_outage, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
