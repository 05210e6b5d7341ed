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
#include "memory_kv.h"
#include "sandbox/webhooks/event_queue.h"

#define RECORDED_MAX 32

/* An event queue with a fake sender, which records the first character of each event's body and returns
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
	void (*during_post)(struct queue_fixture *fx); /* NULL: nothing happens during a delivery */
	struct memory_kv kv;
	struct kv_store_ops kv_ops;
	char removed[RECORDED_MAX];
	size_t n_removed;
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
	if (fx->during_post)
		fx->during_post(fx);
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
		/* Bodies of the events that are delivered at once and in total after the delay. Event a has
		 * the fault, event b follows it. */
		const char *at_once, *after_delay;
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

static void record_removed(void *arg, struct str session)
{
	struct queue_fixture *const fx = arg;

	assert(fx->n_removed + 1 < RECORDED_MAX);
	fx->removed[fx->n_removed++] = session.p[1];
}

static void remove_url(struct queue_fixture *fx)
{
	event_queue_remove_url(fx->queue, STR("http://other.example/"), record_removed, fx);
	event_queue_remove_url(fx->queue, STR("http://a.example/"), record_removed, fx);
}

/* If a URL is removed while an event is being sent to it, the event is not sent to it again. */
static void url_can_be_removed_during_a_delivery(void **state)
{
	struct queue_fixture *const fx = *state;

	fx->status = 500;
	fx->during_post = remove_url;
	add_event(fx, "s1", "a", FAULT_NONE, false);
	add_event(fx, "s2", "b", FAULT_NONE, false);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "a");
	assert_string_equal(fx->removed, "12");
	assert_int_equal(event_queue_waiting(fx->queue), 0);
	fx->during_post = NULL;
	add_event(fx, "s1", "c", FAULT_NONE, false);
	(void)send_due_events(fx);
	assert_string_equal(fx->recorded, "ac");
	assert_int_equal(event_queue_waiting(fx->queue), 1);
}

/* Opens the queue again with a kv store that uses `commit` for its commits. */
static void reopen_with_kv(struct queue_fixture *fx, enum err (*commit)(struct kv_store *kv))
{
	fx->kv_ops = memory_kv_ops;
	fx->kv_ops.commit = commit;
	fx->kv.base.ops = &fx->kv_ops;

	const struct event_queue_conf conf = {
		.clock = &fx->clock, .max = 4, .post = record_event, .arg = fx, .kv = &fx->kv.base
	};

	event_queue_close(fx->queue);
	assert_int_equal(event_queue_open(&conf, &fx->queue), OK);
}

/* As an API call does. */
static void save_queue(struct queue_fixture *fx)
{
	fx->kv.base.ops->begin(&fx->kv.base);
	const uint64_t commit = event_queue_put_changes(fx->queue);
	event_queue_commit_done(fx->queue, commit, fx->kv.base.ops->commit(&fx->kv.base) == OK);
}

/* A commit that fails. Before it returns, another thread saves the queue successfully. */
static enum err fail_and_be_overtaken(struct kv_store *kv)
{
	struct queue_fixture *const fx = container_of(memory_kv_from_base(kv), struct queue_fixture, kv);

	if (!fx->kv.fails)
		return memory_kv_commit(kv);
	fx->kv.fails = false;
	save_queue(fx);
	return ERR_STORAGE;
}

static void deletion_of_a_failed_commit_is_repeated_after_anothers_commit(void **state)
{
	struct queue_fixture *const fx = *state;

	reopen_with_kv(fx, fail_and_be_overtaken);
	add_event(fx, "s1", "a", FAULT_NONE, false);
	save_queue(fx);
	assert_int_equal(memory_kv_count(&fx->kv, "event"), 1);
	fx->kv.fails = true;
	(void)send_due_events(fx); /* the event is sent, and the commit that deletes it fails */
	assert_int_equal(memory_kv_count(&fx->kv, "event"), 1);
	save_queue(fx);
	assert_int_equal(memory_kv_count(&fx->kv, "event"), 0);
	memory_kv_rows_free(fx->kv.committed);
	memory_kv_rows_free(fx->kv.pending);
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
		TEST(url_can_be_removed_during_a_delivery),
		TEST(deletion_of_a_failed_commit_is_repeated_after_anothers_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
