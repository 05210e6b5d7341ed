#include "app/mail/workers.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/mail/outbox.h"
#include "app/mail/outbox_rows.h"
#include "base/metrics.h"
#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static void a_commit_wakes_a_worker_that_carries_the_letter(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	fixture_hold_mail(fx, true);
	assert_int_equal(workers_start(&fx->world, &workers), OK);
	fx->world.store->ops->on_commit(fx->world.store, workers_notify, workers);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_true(fixture_wait_for_held_mail(fx, 1, seconds(10)));
	/* One that hangs does not hold up the next. */
	(void)fixture_prepare(fx, &shop, BOB);
	assert_int_equal(fixture_send_otp(fx, &shop, BOB).verdict, SEND_QUEUED);
	assert_true(fixture_wait_for_held_mail(fx, 2, seconds(10)));
	fx->world.store->ops->on_commit(fx->world.store, NULL, NULL);
	fixture_hold_mail(fx, false);
	workers_stop(workers);
	/* What was in hand was written down before the end. */
	assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "accepted");
	assert_string_equal(fixture_status(fx, &shop, BOB).last_code, "accepted");
}

/* The mail server has the letter, and the store is away for longer than the lease lives. */
static void what_was_handed_over_is_marked_late_not_sent_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	fixture_hold_mail(fx, true);
	assert_int_equal(workers_start(&fx->world, &workers), OK);
	assert_true(fixture_wait_for_held_mail(fx, 1, seconds(10)));
	atomic_store(&fx->store.fault, STORE_FAULT_BEFORE_WORK);
	fixture_hold_mail(fx, false);
	for (int i = 0; i < 30; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	fixture_advance_clock(fx, seconds(45));
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	for (int i = 0; i < 1000 && strcmp(fixture_status(fx, &shop, ANA).last_code, "accepted") != 0; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "accepted");
	workers_stop(workers);
	assert_int_equal(fx->mailer.n, 1);
}

struct stopper {
	struct workers *workers;
	struct thread thread;
};

static void stop(void *arg)
{
	workers_stop(((struct stopper *)arg)->workers);
}

/* Sixty letters are due when the end is announced: those in hand are finished, the others stay for the next
 * start. */
static void the_end_does_not_wait_for_all_that_is_due(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct stopper stopper;
	char email[] = "ana.aa@example.com";

	for (int i = 0; i < 60; i++) {
		email[4] = (char)('a' + i / 20);
		email[5] = (char)('a' + i % 20);
		(void)fixture_prepare(fx, &shop, email);
		assert_int_equal(fixture_send_otp(fx, &shop, email).verdict, SEND_QUEUED);
	}
	fixture_hold_mail(fx, true);
	assert_int_equal(workers_start(&fx->world, &stopper.workers), OK);
	assert_true(fixture_wait_for_held_mail(fx, WORKERS_MAIL, seconds(10)));
	assert_int_equal(thread_start(&stopper.thread, stop, &stopper), OK);
	/* The stopper needs a moment to say so; it then waits for the letters in hand. */
	for (int i = 0; i < 20; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	fixture_hold_mail(fx, false);
	thread_join(&stopper.thread);
	assert_in_range(fx->mailer.n, WORKERS_MAIL, 2 * WORKERS_MAIL);
}

static void letters_are_counted_by_what_became_of_them(void **state)
{
	static const enum delivery_result fates[] = { DELIVERY_ACCEPTED, DELIVERY_REFUSED, DELIVERY_DEFERRED,
		DELIVERY_RELAY_DOWN };
	struct app_fixture *const fx = *state;
	struct buf text;
	struct str said;

	metrics_reset();
	outbox_label();
	for (size_t i = 0; i < array_len(fates); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		fx->mailer.result = fates[i];
		(void)fixture_prepare(fx, &shop, ANA);
		(void)fixture_send_otp(fx, &shop, ANA);
		(void)fixture_deliver_outbox(fx);
		assert_int_equal(metric_read(METRIC_OUTBOX_DELIVERIES, EFFECT_MAIL_CODE, fates[i]), 1);
	}
	buf_init(&text, &fx->arena);
	metrics_print(&text);
	assert_int_equal(buf_done(&text, &said), OK);
	assert_non_null(memmem(
		said.p, said.n, "kycd_outbox_deliveries_total{kind=\"code\",outcome=\"accepted\"} 1", 62));
	assert_non_null(memmem(
		said.p, said.n, "kycd_outbox_deliveries_total{kind=\"code\",outcome=\"relay_down\"} 1", 64));
}

static void the_oldest_letter_is_measured(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	assert_int_equal(outbox_measure(&fx->world, &fx->arena), OK);
	assert_int_equal(metric_read(METRIC_OUTBOX_OLDEST, 0, 0), 0);
	(void)fixture_prepare(fx, &shop, ANA);
	(void)fixture_send_otp(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(42));
	assert_int_equal(outbox_measure(&fx->world, &fx->arena), OK);
	assert_int_equal(metric_read(METRIC_OUTBOX_OLDEST, 0, 0), 42);
	(void)fixture_deliver_outbox(fx);
	assert_int_equal(outbox_measure(&fx->world, &fx->arena), OK);
	assert_int_equal(metric_read(METRIC_OUTBOX_OLDEST, 0, 0), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_commit_wakes_a_worker_that_carries_the_letter),
		TEST(what_was_handed_over_is_marked_late_not_sent_again),
		TEST(the_end_does_not_wait_for_all_that_is_due),
		TEST(letters_are_counted_by_what_became_of_them),
		TEST(the_oldest_letter_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
