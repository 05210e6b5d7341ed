/* Tests of single flight: concurrent calls with the same key share the outcome of one of them. */
#include "app/session/single_flight.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>

#include "base/lock.h"

struct waiter {
	struct single_flights *single_flights;
	const char *key;
	duration limit;
	int outcome;
	enum single_flight_verdict verdict;
	atomic_bool done;
	struct thread thread;
};

static void run_join(void *arg)
{
	struct waiter *const w = arg;

	w->verdict = single_flight_join(w->single_flights, w->key, w->limit, &w->outcome, sizeof(w->outcome));
	atomic_store(&w->done, true);
}

static void start_waiter(struct waiter *w)
{
	assert_int_equal(thread_start(&w->thread, run_join, w), OK);
}

static void wait_for_waiters(struct single_flights *single_flights, const char *key, size_t n)
{
	for (int i = 0; i < 2000 && single_flight_waiting(single_flights, key) < n; i++)
		single_flight_wait(single_flights, milliseconds(10));
	assert_int_equal(single_flight_waiting(single_flights, key), n);
}

static void first_caller_leads_and_waiters_get_its_outcome(void **state)
{
	struct single_flights *single_flights;
	struct waiter waiters[20] = { 0 };
	int outcome = 0;

	(void)state;
	assert_int_equal(single_flights_open(&single_flights), OK);
	assert_int_equal(single_flight_join(single_flights, "ana", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_LEAD);
	for (size_t i = 0; i < 20; i++) {
		waiters[i] = (struct waiter){
			.single_flights = single_flights, .key = "ana", .limit = seconds(20)
		};
		start_waiter(&waiters[i]);
	}
	wait_for_waiters(single_flights, "ana", 20);
	outcome = 42;
	single_flight_finish(single_flights, "ana", &outcome, sizeof(outcome));
	for (size_t i = 0; i < 20; i++) {
		thread_join(&waiters[i].thread);
		assert_int_equal(waiters[i].verdict, SINGLE_FLIGHT_DONE);
		assert_int_equal(waiters[i].outcome, 42);
	}
	/* The next call with this key becomes the leader again. */
	assert_int_equal(single_flight_join(single_flights, "ana", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_LEAD);
	single_flight_finish(single_flights, "ana", &outcome, sizeof(outcome));
	single_flights_close(single_flights);
}

static void waiter_gets_a_timeout(void **state)
{
	struct single_flights *single_flights;
	int outcome = 7;

	(void)state;
	assert_int_equal(single_flights_open(&single_flights), OK);
	assert_int_equal(single_flight_join(single_flights, "ana", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_LEAD);
	assert_int_equal(
		single_flight_join(single_flights, "ana", milliseconds(30), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_TIMEOUT);
	assert_int_equal(outcome, 7);
	single_flight_finish(single_flights, "ana", &outcome, sizeof(outcome));
	single_flights_close(single_flights);
}

static void other_flights_that_finish_do_not_extend_the_timeout(void **state)
{
	struct single_flights *single_flights;
	struct waiter waiter = { .key = "ana", .limit = milliseconds(300) };
	int outcome = 0, n_finished = 0;

	(void)state;
	assert_int_equal(single_flights_open(&single_flights), OK);
	waiter.single_flights = single_flights;
	assert_int_equal(single_flight_join(single_flights, "ana", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_LEAD);
	start_waiter(&waiter);
	wait_for_waiters(single_flights, "ana", 1);
	for (; n_finished < 200 && !atomic_load(&waiter.done); n_finished++) {
		assert_int_equal(
			single_flight_join(single_flights, "bob", seconds(1), &outcome, sizeof(outcome)),
			SINGLE_FLIGHT_LEAD);
		single_flight_wait(single_flights, milliseconds(20));
		single_flight_finish(single_flights, "bob", &outcome, sizeof(outcome));
	}
	assert_in_range(n_finished, 1, 150);
	thread_join(&waiter.thread);
	assert_int_equal(waiter.verdict, SINGLE_FLIGHT_TIMEOUT);
	single_flight_finish(single_flights, "ana", &outcome, sizeof(outcome));
	single_flights_close(single_flights);
}

static void number_of_flights_is_limited(void **state)
{
	struct single_flights *single_flights;
	int outcome = 0;
	char key[32];

	(void)state;
	assert_int_equal(single_flights_open(&single_flights), OK);
	for (int i = 0; i < SINGLE_FLIGHTS_MAX; i++) {
		(void)snprintf(key, sizeof(key), "person-%d", i);
		assert_int_equal(
			single_flight_join(single_flights, key, seconds(1), &outcome, sizeof(outcome)),
			SINGLE_FLIGHT_LEAD);
	}
	assert_int_equal(single_flight_join(single_flights, "more", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_FULL);
	single_flight_finish(single_flights, "person-7", &outcome, sizeof(outcome));
	assert_int_equal(single_flight_join(single_flights, "more", seconds(1), &outcome, sizeof(outcome)),
		SINGLE_FLIGHT_LEAD);
	single_flights_close(single_flights);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_caller_leads_and_waiters_get_its_outcome),
		cmocka_unit_test(waiter_gets_a_timeout),
		cmocka_unit_test(other_flights_that_finish_do_not_extend_the_timeout),
		cmocka_unit_test(number_of_flights_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
