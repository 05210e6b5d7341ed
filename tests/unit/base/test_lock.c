#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"

/* With a sanitizer, the process's address space cannot be limited (RLIMIT_AS). */
#if UNDER_ASAN || defined(__SANITIZE_THREAD__)
#define HAS_ADDRESS_SPACE_LIMIT 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_ADDRESS_SPACE_LIMIT 0
#endif
#endif
#ifndef HAS_ADDRESS_SPACE_LIMIT
#define HAS_ADDRESS_SPACE_LIMIT 1
#endif

/* Longer than any of the waits takes on the slowest machine. A test that waits this long has failed. */
#define WAIT_MAX seconds(30)
#define THREADS 4
#define ROUNDS 5000

struct shared {
	struct lock lock;
	struct cond changed;
	int64_t count;
	int waiting, woken, ended;
	bool open;
	sigset_t mask;
	size_t stack;
};

static void shared_init(struct shared *s)
{
	*s = (struct shared){ 0 };
	lock_init(&s->lock);
	cond_init(&s->changed);
}

static void shared_finish(struct shared *s)
{
	cond_finish(&s->changed);
	lock_finish(&s->lock);
}

static void increment_many_times(void *arg)
{
	struct shared *const s = arg;

	for (int i = 0; i < ROUNDS; i++) {
		lock_acquire(&s->lock);
		s->count++;
		lock_release(&s->lock);
	}
}

static void lock_admits_one_thread_at_a_time(void **state maybe_unused)
{
	struct shared s;
	struct thread threads[THREADS] = { 0 };

	shared_init(&s);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(thread_start(&threads[i], increment_many_times, &s), OK);
		assert_true(threads[i].running);
	}
	for (size_t i = 0; i < THREADS; i++) {
		thread_join(&threads[i]);
		assert_false(threads[i].running);
		thread_join(&threads[i]); /* a second join does nothing */
	}
	assert_int_equal(s.count, (int64_t)THREADS * ROUNDS);
	shared_finish(&s);
}

static void join_of_a_thread_that_was_not_started_does_nothing(void **state maybe_unused)
{
	struct thread t = { 0 };

	thread_join(&t);
	assert_false(t.running);
}

static void wait_until_open(void *arg)
{
	struct shared *const s = arg;

	lock_acquire(&s->lock);
	s->waiting++;
	cond_broadcast(&s->changed);
	while (!s->open)
		cond_wait(&s->changed, &s->lock);
	s->woken++;
	lock_release(&s->lock);
}

static void broadcast_wakes_all_waiting_threads(void **state maybe_unused)
{
	struct shared s;
	struct thread threads[THREADS] = { 0 };

	shared_init(&s);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&threads[i], wait_until_open, &s), OK);
	lock_acquire(&s.lock);
	while (s.waiting < THREADS)
		assert_true(cond_wait_for(&s.changed, &s.lock, WAIT_MAX));
	assert_int_equal(s.woken, 0);
	s.open = true;
	cond_broadcast(&s.changed);
	lock_release(&s.lock);
	for (size_t i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	assert_int_equal(s.woken, THREADS);
	shared_finish(&s);
}

static void open_and_signal(void *arg)
{
	struct shared *const s = arg;

	lock_acquire(&s->lock);
	s->open = true;
	cond_signal(&s->changed);
	lock_release(&s->lock);
}

static void signal_ends_a_timed_wait_early(void **state maybe_unused)
{
	struct shared s;
	struct thread t;

	shared_init(&s);
	lock_acquire(&s.lock);
	assert_int_equal(thread_start(&t, open_and_signal, &s), OK);
	while (!s.open)
		assert_true(cond_wait_for(&s.changed, &s.lock, days(1000000)));
	lock_release(&s.lock);
	thread_join(&t);
	shared_finish(&s);
}

static void timed_wait_ends_at_its_limit(void **state maybe_unused)
{
	static const int64_t limits[] = { INT64_MIN, -1, 0, 1, 20, 999, 1001 };
	struct shared s;

	shared_init(&s);
	lock_acquire(&s.lock);
	for (size_t i = 0; i < array_len(limits); i++) {
		int spurious = 0;

		/* POSIX allows spurious wake-ups; many in a row would be a bug. */
		while (cond_wait_for(&s.changed, &s.lock, milliseconds(limits[i])))
			assert_true(++spurious < 10);
	}
	lock_release(&s.lock);
	shared_finish(&s);
}

/* Allocated on the heap, so that ASan detects an access after latch_set, when the memory is freed. */
struct latched_value {
	struct latch is_set;
	int value; /* not atomic: the latch alone must order the accesses */
};

static void set_value(void *arg)
{
	struct latched_value *const latched_value = arg;

	latched_value->value = 42;
	latch_set(&latched_value->is_set);
}

/* Repeats the test many times, so that sometimes the one thread and sometimes the other comes first. The
 * waiting thread frees the latch at once. */
static void writes_before_latch_set_are_visible_after_the_wait(void **state maybe_unused)
{
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct latched_value *const latched_value = calloc(1, sizeof(*latched_value));
		int value;

		assert_non_null(latched_value);
		assert_int_equal(thread_detach(set_value, latched_value), OK);
		if (i % 2 == 0)
			latch_wait(&latched_value->is_set);
		else
			assert_true(latch_wait_for(&latched_value->is_set, WAIT_MAX));
		value = latched_value->value;
		free(latched_value);
		assert_int_equal(value, 42);
	}
}

struct latch_pairs {
	struct latch *requests, *replies;
};

static void reply_to_each(void *arg)
{
	const struct latch_pairs *const latch_pairs = arg;

	for (size_t i = 0; i < ROUNDS; i++) {
		latch_wait(&latch_pairs->requests[i]);
		latch_set(&latch_pairs->replies[i]);
	}
}

/* A lost wake-up would make this test fail after WAIT_MAX, or hang. */
static void no_latch_wakeup_is_lost(void **state maybe_unused)
{
	static struct latch requests[ROUNDS], replies[ROUNDS];
	struct latch_pairs latch_pairs = { requests, replies };
	struct thread t;

	assert_int_equal(thread_start(&t, reply_to_each, &latch_pairs), OK);
	for (size_t i = 0; i < ROUNDS; i++) {
		latch_set(&requests[i]);
		assert_true(latch_wait_for(&replies[i], WAIT_MAX));
	}
	thread_join(&t);
}

static void wait_for_a_set_latch_returns_at_once(void **state maybe_unused)
{
	struct latch latch = { 0 };

	latch_set(&latch);
	latch_wait(&latch);
	assert_true(latch_wait_for(&latch, milliseconds(0)));
	assert_true(latch_wait_for(&latch, days(1000000)));
}

static void timed_latch_wait_ends_at_its_limit(void **state maybe_unused)
{
	static const int64_t limits[] = { INT64_MIN, -1, 0, 1, 20 };
	struct latch latch = { 0 };

	for (size_t i = 0; i < array_len(limits); i++)
		assert_false(latch_wait_for(&latch, milliseconds(limits[i])));
	latch_set(&latch); /* the latch is set after the waits that timed out; a later wait still succeeds */
	assert_true(latch_wait_for(&latch, milliseconds(0)));
}

static void record_mask_and_stack(void *arg)
{
	struct shared *const s = arg;
	pthread_attr_t attr;

	lock_acquire(&s->lock);
	(void)pthread_sigmask(SIG_BLOCK, NULL, &s->mask);
	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		(void)pthread_attr_getstacksize(&attr, &s->stack);
		(void)pthread_attr_destroy(&attr);
	}
	s->ended++;
	cond_broadcast(&s->changed);
	lock_release(&s->lock);
}

static void started_threads_block_all_signals_except_faults(void **state maybe_unused)
{
	static const int others[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct shared s;
	struct thread t;
	sigset_t open, mask_after;

	shared_init(&s);
	assert_int_equal(sigemptyset(&open), 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &open, NULL), 0);
	assert_int_equal(thread_start(&t, record_mask_and_stack, &s), OK);
	thread_join(&t);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask_after), 0);
	for (size_t i = 0; i < array_len(others); i++) {
		assert_int_equal(sigismember(&s.mask, others[i]), 1);
		assert_int_equal(sigismember(&mask_after, others[i]), 0);
	}
	for (size_t i = 0; i < array_len(faults); i++)
		assert_int_equal(sigismember(&s.mask, faults[i]), 0);
	assert_true(s.stack >= THREAD_STACK);
	assert_true(THREAD_STACK >= (size_t)(UNDER_ASAN ? 1024 : 512) * 1024);
	shared_finish(&s);
}

static void detached_thread_runs(void **state maybe_unused)
{
	/* static, because the thread may still hold the lock when this function returns. */
	static struct shared s;

	shared_init(&s);
	lock_acquire(&s.lock);
	assert_int_equal(thread_detach(record_mask_and_stack, &s), OK);
	while (s.ended == 0)
		assert_true(cond_wait_for(&s.changed, &s.lock, WAIT_MAX));
	lock_release(&s.lock);
	assert_int_equal(sigismember(&s.mask, SIGTERM), 1);
}

/* Runs `bug` in a child process and returns whether the child aborted. */
static bool aborts(void (*bug)(struct lock *l))
{
	struct lock l;
	int status = 0;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		static const struct rlimit no_core = { 0, 0 };

		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		lock_init(&l);
		bug(&l);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void acquire_twice(struct lock *l)
{
	lock_acquire(l);
	lock_acquire(l);
}

static void release_without_acquire(struct lock *l)
{
	lock_release(l);
}

static void set_latch_twice(struct lock *l)
{
	struct latch latch = { 0 };

	(void)l;
	latch_set(&latch);
	latch_set(&latch);
}

static void acquire_and_release(struct lock *l)
{
	lock_acquire(l);
	lock_release(l);
}

static void misuse_aborts(void **state maybe_unused)
{
	assert_false(aborts(acquire_and_release));
	assert_true(aborts(acquire_twice));
	assert_true(aborts(release_without_acquire));
	assert_true(aborts(set_latch_twice));
}

#if HAS_ADDRESS_SPACE_LIMIT
/* Runs in a child process whose memory is limited, so that starting a thread fails sooner or later for lack
 * of a stack. Returns 0 if it failed with ERR_BUSY, otherwise the exit code of the child. */
static int start_threads_until_it_fails(void)
{
	static const struct rlimit no_more = { 1, 1 };
	struct shared s;
	struct thread t;

	shared_init(&s);
	if (setrlimit(RLIMIT_AS, &no_more) != 0)
		return 2;
	for (int i = 0; i < 200; i++) {
		enum err e;

		t = (struct thread){ 0 };
		e = i % 2 == 0 ? thread_start(&t, wait_until_open, &s) : thread_detach(wait_until_open, &s);
		if (e != OK)
			return e == ERR_BUSY && !t.running ? 0 : 3;
	}
	return 4;
}

static void thread_start_without_memory_is_busy(void **state maybe_unused)
{
	int status = 0;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(start_threads_until_it_fails());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

struct policies {
	int initial, batch, after; /* policy before the switch to batch, during it, and after it */
};

static void record_policies(void *arg)
{
	struct policies *const p = arg;
	const struct sched_param none = { 0 };

	if (p->initial != SCHED_OTHER && sched_setscheduler(0, p->initial, &none) != 0)
		p->initial = -1;
	thread_set_batch_priority(true);
	thread_set_batch_priority(true);
	p->batch = sched_getscheduler(0);
	thread_set_batch_priority(false);
	thread_set_batch_priority(false);
	p->after = sched_getscheduler(0);
}

/* A policy that an operator has chosen (SCHED_BATCH, SCHED_IDLE) is not changed. */
static void batch_priority_is_set_and_reset(void **state)
{
	static const int rows[][2] = { { SCHED_OTHER, SCHED_BATCH }, { SCHED_BATCH, SCHED_BATCH },
		{ SCHED_IDLE, SCHED_IDLE } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policies p = { .initial = rows[i][0] };
		struct thread t = { 0 };

		assert_int_equal(thread_start(&t, record_policies, &p), OK);
		thread_join(&t);
		assert_int_equal(p.initial, rows[i][0]);
		assert_int_equal(p.batch, rows[i][1]);
		assert_int_equal(p.after, rows[i][0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock_admits_one_thread_at_a_time),
		cmocka_unit_test(join_of_a_thread_that_was_not_started_does_nothing),
		cmocka_unit_test(broadcast_wakes_all_waiting_threads),
		cmocka_unit_test(signal_ends_a_timed_wait_early),
		cmocka_unit_test(timed_wait_ends_at_its_limit),
		cmocka_unit_test(writes_before_latch_set_are_visible_after_the_wait),
		cmocka_unit_test(no_latch_wakeup_is_lost),
		cmocka_unit_test(wait_for_a_set_latch_returns_at_once),
		cmocka_unit_test(timed_latch_wait_ends_at_its_limit),
		cmocka_unit_test(started_threads_block_all_signals_except_faults),
		cmocka_unit_test(detached_thread_runs),
		cmocka_unit_test(batch_priority_is_set_and_reset),
		cmocka_unit_test(misuse_aborts),
#if HAS_ADDRESS_SPACE_LIMIT
		cmocka_unit_test(thread_start_without_memory_is_busy),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
