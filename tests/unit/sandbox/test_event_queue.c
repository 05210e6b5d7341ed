#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "sandbox/webhooks/event_queue.h"

#define RECORDED_MAX 32

/* A queue whose sender is fake: it records the events by the first character of their bodies and returns
 * `status`. */
struct queue_fixture {
	struct clock clock;
	int64_t ticks, wall; /* milliseconds; `wall` is the time of day */
	int status;
	char recorded[RECORDED_MAX];
	size_t n;
	struct event_queue *queue;
	struct lock lock;
	struct cond event_recorded;
	int seconds;
};

static int64_t ticks(struct clock *clock)
{
	return container_of(clock, struct queue_fixture, clock)->ticks;
}
static moment wall(struct clock *clock)
{
	return (moment){ container_of(clock, struct queue_fixture, clock)->wall };
}
static const struct clock_ops clock_ops = { .now = wall, .ticks = ticks };

static int record_event(void *arg, const struct webhook_event *event)
{
	struct queue_fixture *const fx = arg;

	lock_acquire(&fx->lock);
	assert(fx->n + 1 < RECORDED_MAX); /* not assert_true: this may run on the queue's thread */
	fx->recorded[fx->n++] = event->body.p[0];
	cond_broadcast(&fx->event_recorded);
	lock_release(&fx->lock);
	return fx->status;
}

static void count_second(void *arg)
{
	((struct queue_fixture *)arg)->seconds++;
}

static int setup(void **state)
{
	struct queue_fixture *const fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	fx->clock.ops = &clock_ops;
	fx->status = 200;
	fx->ticks = 1000;
	fx->wall = 1767225600000;
	lock_init(&fx->lock);
	cond_init(&fx->event_recorded);

	const struct event_queue_conf conf = {
		.clock = &fx->clock, .max = 4, .post = record_event, .each_second = count_second, .arg = fx
	};

	assert_int_equal(event_queue_open(&conf, &fx->queue), OK);
	*state = fx;
	return 0;
}

static int teardown(void **state)
{
	struct queue_fixture *const fx = *state;

	event_queue_close(fx->queue);
	cond_finish(&fx->event_recorded);
	lock_finish(&fx->lock);
	free(fx);
	return 0;
}

static void add_event(
	struct queue_fixture *fx, const char *session, const char *body, enum fault fault, bool held)
{
	const struct webhook_event event = {
		.session = str_of(session), .url = STR("http://a.example/"), .body = str_of(body)
	};

	event_queue_add(fx->queue, &event, fault, held);
}

/* Sends all events that are due. Returns the milliseconds until the next one is due. */
static int64_t send_due_events(struct queue_fixture *fx)
{
	duration wait = hours(1);

	while (event_queue_step(fx->queue, &wait))
		wait = hours(1);
	return wait.ms;
}

static void first_attempts_are_sent_in_order(void **state)
{
	struct queue_fixture *const fx = *state;

	add_event(fx, "s1", "a", FAULT_NONE, false);
	add_event(fx, "s2", "b", FAULT_NONE, false);
	add_event(fx, "s1", "c", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(fx->queue), 3);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "abc");
	assert_int_equal(event_queue_waiting(fx->queue), 0);
}

static void held_event_waits_for_its_release(void **state)
{
	struct queue_fixture *const fx = *state;

	add_event(fx, "s1", "a", FAULT_NONE, true);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "");
	event_queue_release(fx->queue);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "a");
}

static void held_event_delays_only_its_own_session(void **state)
{
	struct queue_fixture *const fx = *state;

	add_event(fx, "s1", "a", FAULT_NONE, true);
	add_event(fx, "s2", "b", FAULT_NONE, false);
	add_event(fx, "s1", "c", FAULT_NONE, false);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "b");
	event_queue_release(fx->queue);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "bac");
}

static void release_events(void *arg)
{
	event_queue_release(((struct queue_fixture *)arg)->queue);
}

static void release_by_another_thread_has_no_effect(void **state)
{
	struct queue_fixture *const fx = *state;
	struct thread other = { 0 };

	add_event(fx, "s1", "a", FAULT_NONE, true);
	assert_int_equal(thread_start(&other, release_events, fx), OK);
	thread_join(&other);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "");
}

static void hold_times_out(void **state)
{
	struct queue_fixture *const fx = *state;

	add_event(fx, "s1", "a", FAULT_NONE, true);
	fx->ticks += EVENT_HOLD_MAX.ms - 1;
	assert_int_equal(send_due_events(fx), 1);
	assert_string_equal(fx->recorded, "");
	fx->ticks += 1;
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "a");
}

static void status_404_5xx_and_no_response_are_retried_twice(void **state)
{
	static const struct {
		int status, attempts;
	} rows[] = {
		{ 200, 1 },
		{ 204, 1 },
		{ 299, 1 },
		{ 301, 1 },
		{ 400, 1 },
		{ 401, 1 },
		{ 403, 1 },
		{ 404, 3 },
		{ 405, 1 },
		{ 429, 1 },
		{ 499, 1 },
		{ 500, 3 },
		{ 503, 3 },
		{ 0, 3 },
	};
	struct queue_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		fx->status = rows[i].status;
		fx->n = 0;
		add_event(fx, "s1", "a", FAULT_NONE, false);
		(void)send_due_events(fx);
		fx->wall += EVENT_RETRY_1.ms;
		(void)send_due_events(fx);
		fx->wall += EVENT_RETRY_2.ms;
		(void)send_due_events(fx);
		if (fx->n != (size_t)rows[i].attempts || event_queue_waiting(fx->queue))
			fail_msg("%d: %zu attempts", rows[i].status, fx->n);
	}
}

static void retries_follow_after_one_and_four_minutes(void **state)
{
	struct queue_fixture *const fx = *state;

	fx->status = 500;
	add_event(fx, "s1", "a", FAULT_NONE, false);
	assert_int_equal(send_due_events(fx), 60000);
	fx->wall += 59999;
	assert_int_equal(send_due_events(fx), 1);
	assert_int_equal(fx->n, 1);
	fx->wall += 1;
	assert_int_equal(send_due_events(fx), 240000);
	assert_int_equal(fx->n, 2);
	fx->wall += 239999;
	assert_int_equal(send_due_events(fx), 1);
	assert_int_equal(fx->n, 2);
	fx->wall += 1;
	(void)send_due_events(fx);
	assert_int_equal(fx->n, 3);
}

static void pending_retry_does_not_delay_other_events(void **state)
{
	struct queue_fixture *const fx = *state;

	fx->status = 500;
	add_event(fx, "s1", "a", FAULT_NONE, false);
	(void)send_due_events(fx);
	fx->status = 200;
	add_event(fx, "s1", "b", FAULT_NONE, false);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "ab");
	fx->wall += EVENT_RETRY_1.ms;
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "aba");
}

static void full_queue_drops_the_oldest_event(void **state)
{
	struct queue_fixture *const fx = *state;

	fx->status = 500;
	add_event(fx, "s0", "a", FAULT_NONE, false);
	(void)send_due_events(fx); /* the oldest event, waiting for its retry */
	fx->status = 200;
	add_event(fx, "s1", "b", FAULT_NONE, false);
	add_event(fx, "s2", "c", FAULT_NONE, false);
	add_event(fx, "s3", "d", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(fx->queue), 4);
	add_event(fx, "s4", "e", FAULT_NONE, false);
	add_event(fx, "s5", "f", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(fx->queue), 4);
	fx->wall += EVENT_RETRY_1.ms;
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "acdef");
}

static void faults_change_the_delivery(void **state)
{
	static const struct {
		enum fault fault;
		const char *at_once, *after_delay; /* event a has the fault, b follows */
	} rows[] = {
		{ FAULT_NONE, "ab", "ab" },
		{ FAULT_LATE, "b", "ba" },
		{ FAULT_TWICE, "aab", "aab" },
		{ FAULT_OUT_OF_ORDER, "ba", "ba" },
		{ FAULT_DROP, "b", "b" },
		{ FAULT_BAD_SIGNATURE, "ab", "ab" },
	};
	struct queue_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		memset(fx->recorded, 0, sizeof(fx->recorded));
		fx->n = 0;
		add_event(fx, "s1", "a", rows[i].fault, false);
		add_event(fx, "s1", "b", FAULT_NONE, false);
		(void)send_due_events(fx);
		assert_string_equal(fx->recorded, rows[i].at_once);
		fx->ticks += EVENT_LATE_BY.ms - 1;
		(void)send_due_events(fx);
		assert_string_equal(fx->recorded, rows[i].at_once);
		fx->ticks += 1;
		(void)send_due_events(fx);
		assert_string_equal(fx->recorded, rows[i].after_delay);
		assert_int_equal(event_queue_waiting(fx->queue), 0);
	}
}

static void out_of_order_event_is_sent_after_a_delay_without_a_second_event(void **state)
{
	struct queue_fixture *const fx = *state;

	add_event(fx, "s1", "a", FAULT_OUT_OF_ORDER, false);
	assert_int_equal(send_due_events(fx), EVENT_LATE_BY.ms);
	fx->ticks += EVENT_LATE_BY.ms;
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "a");
}

static void queue_thread_sends_events_and_stops(void **state)
{
	struct queue_fixture *const fx = *state;
	bool in_time = true;

	assert_int_equal(event_queue_start(fx->queue), OK);
	add_event(fx, "s1", "a", FAULT_NONE, false);
	add_event(fx, "s1", "b", FAULT_NONE, true);
	event_queue_release(fx->queue);
	lock_acquire(&fx->lock);
	while (fx->n < 2 && in_time)
		in_time = cond_wait_for(&fx->event_recorded, &fx->lock, seconds(10));
	lock_release(&fx->lock);
	add_event(fx, "s1", "c", FAULT_NONE, true);
	event_queue_stop(fx->queue);
	assert_string_equal(fx->recorded, "ab");
	assert_int_equal(event_queue_waiting(fx->queue), 0);
	assert_true(fx->seconds >= 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_attempts_are_sent_in_order),
		TEST(held_event_waits_for_its_release),
		TEST(held_event_delays_only_its_own_session),
		TEST(release_by_another_thread_has_no_effect),
		TEST(hold_times_out),
		TEST(status_404_5xx_and_no_response_are_retried_twice),
		TEST(retries_follow_after_one_and_four_minutes),
		TEST(pending_retry_does_not_delay_other_events),
		TEST(full_queue_drops_the_oldest_event),
		TEST(faults_change_the_delivery),
		TEST(out_of_order_event_is_sent_after_a_delay_without_a_second_event),
		TEST(queue_thread_sends_events_and_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
