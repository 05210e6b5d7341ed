/* Tests of the threads that deliver mail from the outbox, and of their metrics. */
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

static void notify_workers(void *workers, unsigned added)
{
	if ((added & ADDED_MAIL) != 0)
		workers_notify(workers);
}

static void commit_wakes_a_worker_that_delivers_the_mail(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	fixture_hold_mail(fx, true);
	assert_int_equal(workers_start(&fx->world, &workers), OK);
	fx->world.store->ops->on_commit(fx->world.store, notify_workers, workers);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_true(fixture_wait_for_held_mail(fx, 1, seconds(10)));
	/* A delivery that hangs does not block the next one. */
	(void)fixture_prepare(fx, &shop, BOB);
	assert_int_equal(fixture_send_otp(fx, &shop, BOB).verdict, SEND_QUEUED);
	assert_true(fixture_wait_for_held_mail(fx, 2, seconds(10)));
	fx->world.store->ops->on_commit(fx->world.store, NULL, NULL);
	fixture_hold_mail(fx, false);
	workers_stop(workers);
	/* Deliveries in progress are finished and stored before workers_stop returns. */
	assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "accepted");
	assert_string_equal(fixture_status(fx, &shop, BOB).last_code, "accepted");
}

/* The mail server has accepted the message, but the store is unavailable until the lease has expired. */
static void accepted_mail_is_marked_late_and_not_sent_again(void **state)
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

struct stop_job {
	struct workers *workers;
	struct thread thread;
};

static void run_stop(void *arg)
{
	workers_stop(((struct stop_job *)arg)->workers);
}

/* Sixty messages are due when the workers are stopped: deliveries in progress are finished, the other
 * messages remain for the next start. */
static void stop_waits_for_deliveries_in_progress_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct stop_job stop_job;
	char email[] = "ana.aa@example.com";

	for (int i = 0; i < 60; i++) {
		email[4] = (char)('a' + i / 20);
		email[5] = (char)('a' + i % 20);
		(void)fixture_prepare(fx, &shop, email);
		assert_int_equal(fixture_send_otp(fx, &shop, email).verdict, SEND_QUEUED);
	}
	fixture_hold_mail(fx, true);
	assert_int_equal(workers_start(&fx->world, &stop_job.workers), OK);
	assert_true(fixture_wait_for_held_mail(fx, WORKERS_MAIL, seconds(10)));
	assert_int_equal(thread_start(&stop_job.thread, run_stop, &stop_job), OK);
	/* Gives the other thread time to call workers_stop, which then waits for the deliveries in progress.
	 */
	for (int i = 0; i < 20; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	fixture_hold_mail(fx, false);
	thread_join(&stop_job.thread);
	assert_in_range(fx->mailer.n, WORKERS_MAIL, 2 * WORKERS_MAIL);
}

static void deliveries_are_counted_by_result(void **state)
{
	static const enum delivery_result results[] = { DELIVERY_ACCEPTED, DELIVERY_REFUSED,
		DELIVERY_DEFERRED, DELIVERY_RELAY_DOWN };
	struct app_fixture *const fx = *state;
	struct buf buf;
	struct str metrics;

	metrics_reset();
	outbox_label();
	for (size_t i = 0; i < array_len(results); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		fx->mailer.result = results[i];
		(void)fixture_prepare(fx, &shop, ANA);
		(void)fixture_send_otp(fx, &shop, ANA);
		(void)fixture_deliver_outbox(fx);
		assert_int_equal(metric_read(METRIC_OUTBOX_DELIVERIES, EFFECT_MAIL_CODE, results[i]), 1);
	}
	buf_init(&buf, &fx->arena);
	metrics_print(&buf);
	assert_int_equal(buf_done(&buf, &metrics), OK);
	assert_non_null(memmem(metrics.p, metrics.n,
		"kycd_outbox_deliveries_total{kind=\"code\",outcome=\"accepted\"} 1", 62));
	assert_non_null(memmem(metrics.p, metrics.n,
		"kycd_outbox_deliveries_total{kind=\"code\",outcome=\"relay_down\"} 1", 64));
}

static void age_of_the_oldest_queued_mail_is_measured(void **state)
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
		TEST(commit_wakes_a_worker_that_delivers_the_mail),
		TEST(accepted_mail_is_marked_late_and_not_sent_again),
		TEST(stop_waits_for_deliveries_in_progress_only),
		TEST(deliveries_are_counted_by_result),
		TEST(age_of_the_oldest_queued_mail_is_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
