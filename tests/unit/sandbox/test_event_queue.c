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

#define POSTED_MAX 32

/* Answers as told and writes down what it was given: the bodies, one character each. */
struct post_office {
	struct clock clock;
	int64_t ticks, wall; /* milliseconds; the wall is what a person can move */
	int status;
	char posted[POSTED_MAX];
	size_t n;
	struct event_queue *event_queue;
	struct lock lock;
	struct cond arrived;
	int seconds;
};

static int64_t ticks(struct clock *clock)
{
	return container_of(clock, struct post_office, clock)->ticks;
}
static moment wall(struct clock *clock)
{
	return (moment){ container_of(clock, struct post_office, clock)->wall };
}
static const struct clock_ops clock_ops = { .now = wall, .ticks = ticks };

static int post(void *arg, const struct webhook_event *event)
{
	struct post_office *const office = arg;

	lock_acquire(&office->lock);
	assert(office->n + 1 < POSTED_MAX); /* not always on the test's thread */
	office->posted[office->n++] = event->body.p[0];
	cond_broadcast(&office->arrived);
	lock_release(&office->lock);
	return office->status;
}

static void each_second(void *arg)
{
	((struct post_office *)arg)->seconds++;
}

static int setup(void **state)
{
	struct post_office *const office = calloc(1, sizeof(*office));

	assert_non_null(office);
	office->clock.ops = &clock_ops;
	office->status = 200;
	office->ticks = 1000;
	office->wall = 1767225600000;
	lock_init(&office->lock);
	cond_init(&office->arrived);

	const struct event_queue_conf conf = {
		.clock = &office->clock, .max = 4, .post = post, .each_second = each_second, .arg = office
	};

	assert_int_equal(event_queue_open(&conf, &office->event_queue), OK);
	*state = office;
	return 0;
}

static int teardown(void **state)
{
	struct post_office *const office = *state;

	event_queue_close(office->event_queue);
	cond_finish(&office->arrived);
	lock_finish(&office->lock);
	free(office);
	return 0;
}

static void add(
	struct post_office *office, const char *session, const char *body, enum fault fault, bool held)
{
	const struct webhook_event event = {
		.session = str_of(session), .url = STR("http://a.example/"), .body = str_of(body)
	};

	event_queue_add(office->event_queue, &event, fault, held);
}

/* All that is due at this time; gives how long until the next. */
static int64_t run(struct post_office *office)
{
	duration wait = hours(1);

	while (event_queue_step(office->event_queue, &wait))
		wait = hours(1);
	return wait.ms;
}

static void first_attempts_keep_their_order(void **state)
{
	struct post_office *const office = *state;

	add(office, "s1", "a", FAULT_NONE, false);
	add(office, "s2", "b", FAULT_NONE, false);
	add(office, "s1", "c", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(office->event_queue), 3);
	(void)run(office);
	assert_string_equal(office->posted, "abc");
	assert_int_equal(event_queue_waiting(office->event_queue), 0);
}

static void a_held_one_waits_for_its_answer(void **state)
{
	struct post_office *const office = *state;

	add(office, "s1", "a", FAULT_NONE, true);
	(void)run(office);
	assert_string_equal(office->posted, "");
	event_queue_release(office->event_queue);
	(void)run(office);
	assert_string_equal(office->posted, "a");
}

static void a_held_one_holds_up_its_own_session_only(void **state)
{
	struct post_office *const office = *state;

	add(office, "s1", "a", FAULT_NONE, true);
	add(office, "s2", "b", FAULT_NONE, false);
	add(office, "s1", "c", FAULT_NONE, false);
	(void)run(office);
	assert_string_equal(office->posted, "b");
	event_queue_release(office->event_queue);
	(void)run(office);
	assert_string_equal(office->posted, "bac");
}

static void release_elsewhere(void *arg)
{
	event_queue_release(((struct post_office *)arg)->event_queue);
}

static void another_thread_releases_nothing(void **state)
{
	struct post_office *const office = *state;
	struct thread other = { 0 };

	add(office, "s1", "a", FAULT_NONE, true);
	assert_int_equal(thread_start(&other, release_elsewhere, office), OK);
	thread_join(&other);
	(void)run(office);
	assert_string_equal(office->posted, "");
}

static void a_hold_ends_by_itself(void **state)
{
	struct post_office *const office = *state;

	add(office, "s1", "a", FAULT_NONE, true);
	office->ticks += EVENT_HOLD_MAX.ms - 1;
	assert_int_equal(run(office), 1);
	assert_string_equal(office->posted, "");
	office->ticks += 1;
	(void)run(office);
	assert_string_equal(office->posted, "a");
}

static void failures_are_tried_twice_more(void **state)
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
	struct post_office *const office = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		office->status = rows[i].status;
		office->n = 0;
		add(office, "s1", "a", FAULT_NONE, false);
		(void)run(office);
		office->wall += EVENT_RETRY_1.ms;
		(void)run(office);
		office->wall += EVENT_RETRY_2.ms;
		(void)run(office);
		if (office->n != (size_t)rows[i].attempts || event_queue_waiting(office->event_queue))
			fail_msg("%d: %zu attempts", rows[i].status, office->n);
	}
}

static void retries_come_after_one_and_four_minutes(void **state)
{
	struct post_office *const office = *state;

	office->status = 500;
	add(office, "s1", "a", FAULT_NONE, false);
	assert_int_equal(run(office), 60000);
	office->wall += 59999;
	assert_int_equal(run(office), 1);
	assert_int_equal(office->n, 1);
	office->wall += 1;
	assert_int_equal(run(office), 240000);
	assert_int_equal(office->n, 2);
	office->wall += 239999;
	assert_int_equal(run(office), 1);
	assert_int_equal(office->n, 2);
	office->wall += 1;
	(void)run(office);
	assert_int_equal(office->n, 3);
}

static void a_retry_holds_nobody_up(void **state)
{
	struct post_office *const office = *state;

	office->status = 500;
	add(office, "s1", "a", FAULT_NONE, false);
	(void)run(office);
	office->status = 200;
	add(office, "s1", "b", FAULT_NONE, false);
	(void)run(office);
	assert_string_equal(office->posted, "ab");
	office->wall += EVENT_RETRY_1.ms;
	(void)run(office);
	assert_string_equal(office->posted, "aba");
}

static void the_oldest_goes_when_there_is_no_room(void **state)
{
	struct post_office *const office = *state;

	office->status = 500;
	add(office, "s0", "a", FAULT_NONE, false);
	(void)run(office); /* waits for its retry: the oldest */
	office->status = 200;
	add(office, "s1", "b", FAULT_NONE, false);
	add(office, "s2", "c", FAULT_NONE, false);
	add(office, "s3", "d", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(office->event_queue), 4);
	add(office, "s4", "e", FAULT_NONE, false);
	add(office, "s5", "f", FAULT_NONE, false);
	assert_int_equal(event_queue_waiting(office->event_queue), 4);
	office->wall += EVENT_RETRY_1.ms;
	(void)run(office);
	assert_string_equal(office->posted, "acdef");
}

static void faults_do_what_they_say(void **state)
{
	static const struct {
		enum fault fault;
		const char *at_once, *later; /* a is troubled, b follows */
	} rows[] = {
		{ FAULT_NONE, "ab", "ab" },
		{ FAULT_LATE, "b", "ba" },
		{ FAULT_TWICE, "aab", "aab" },
		{ FAULT_OUT_OF_ORDER, "ba", "ba" },
		{ FAULT_DROP, "b", "b" },
		{ FAULT_REFUSE, "ab", "ab" },
	};
	struct post_office *const office = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		memset(office->posted, 0, sizeof(office->posted));
		office->n = 0;
		add(office, "s1", "a", rows[i].fault, false);
		add(office, "s1", "b", FAULT_NONE, false);
		(void)run(office);
		assert_string_equal(office->posted, rows[i].at_once);
		office->ticks += EVENT_LATE_BY.ms - 1;
		(void)run(office);
		assert_string_equal(office->posted, rows[i].at_once);
		office->ticks += 1;
		(void)run(office);
		assert_string_equal(office->posted, rows[i].later);
		assert_int_equal(event_queue_waiting(office->event_queue), 0);
	}
}

static void out_of_order_does_not_wait_for_ever(void **state)
{
	struct post_office *const office = *state;

	add(office, "s1", "a", FAULT_OUT_OF_ORDER, false);
	assert_int_equal(run(office), EVENT_LATE_BY.ms);
	office->ticks += EVENT_LATE_BY.ms;
	(void)run(office);
	assert_string_equal(office->posted, "a");
}

static void the_thread_sends_and_stops(void **state)
{
	struct post_office *const office = *state;
	bool in_time = true;

	assert_int_equal(event_queue_start(office->event_queue), OK);
	add(office, "s1", "a", FAULT_NONE, false);
	add(office, "s1", "b", FAULT_NONE, true);
	event_queue_release(office->event_queue);
	lock_acquire(&office->lock);
	while (office->n < 2 && in_time)
		in_time = cond_wait_for(&office->arrived, &office->lock, seconds(10));
	lock_release(&office->lock);
	add(office, "s1", "c", FAULT_NONE, true);
	event_queue_stop(office->event_queue);
	assert_string_equal(office->posted, "ab");
	assert_int_equal(event_queue_waiting(office->event_queue), 0);
	assert_true(office->seconds >= 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_attempts_keep_their_order),
		TEST(a_held_one_waits_for_its_answer),
		TEST(a_held_one_holds_up_its_own_session_only),
		TEST(another_thread_releases_nothing),
		TEST(a_hold_ends_by_itself),
		TEST(failures_are_tried_twice_more),
		TEST(retries_come_after_one_and_four_minutes),
		TEST(a_retry_holds_nobody_up),
		TEST(the_oldest_goes_when_there_is_no_room),
		TEST(faults_do_what_they_say),
		TEST(out_of_order_does_not_wait_for_ever),
		TEST(the_thread_sends_and_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
