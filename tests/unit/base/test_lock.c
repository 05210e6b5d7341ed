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

/* The sanitizers live in an address space that cannot be limited. */
#if UNDER_ASAN || defined(__SANITIZE_THREAD__)
#define SPACE_HAS_LIMITS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SPACE_HAS_LIMITS 0
#endif
#endif
#ifndef SPACE_HAS_LIMITS
#define SPACE_HAS_LIMITS 1
#endif

/* Long enough for the slowest machine; a test that waits this long has failed. */
#define PATIENCE seconds(30)
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

static void count_up(void *arg)
{
	struct shared *const s = arg;

	for (int i = 0; i < ROUNDS; i++) {
		lock_acquire(&s->lock);
		s->count++;
		lock_release(&s->lock);
	}
}

static void one_at_a_time(void **state maybe_unused)
{
	struct shared s;
	struct thread threads[THREADS] = { 0 };

	shared_init(&s);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(thread_start(&threads[i], count_up, &s), OK);
		assert_true(threads[i].running);
	}
	for (size_t i = 0; i < THREADS; i++) {
		thread_join(&threads[i]);
		assert_false(threads[i].running);
		thread_join(&threads[i]); /* nothing to do */
	}
	assert_int_equal(s.count, (int64_t)THREADS * ROUNDS);
	shared_finish(&s);
}

static void a_thread_that_never_started_is_joined(void **state maybe_unused)
{
	struct thread t = { 0 };

	thread_join(&t);
	assert_false(t.running);
}

static void wait_for_the_gate(void *arg)
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

static void all_are_woken(void **state maybe_unused)
{
	struct shared s;
	struct thread threads[THREADS] = { 0 };

	shared_init(&s);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(thread_start(&threads[i], wait_for_the_gate, &s), OK);
	lock_acquire(&s.lock);
	while (s.waiting < THREADS)
		assert_true(cond_wait_for(&s.changed, &s.lock, PATIENCE));
	assert_int_equal(s.woken, 0);
	s.open = true;
	cond_broadcast(&s.changed);
	lock_release(&s.lock);
	for (size_t i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	assert_int_equal(s.woken, THREADS);
	shared_finish(&s);
}

static void wake_the_one(void *arg)
{
	struct shared *const s = arg;

	lock_acquire(&s->lock);
	s->open = true;
	cond_signal(&s->changed);
	lock_release(&s->lock);
}

static void a_wait_ends_early_when_woken(void **state maybe_unused)
{
	struct shared s;
	struct thread t;

	shared_init(&s);
	lock_acquire(&s.lock);
	assert_int_equal(thread_start(&t, wake_the_one, &s), OK);
	while (!s.open)
		assert_true(cond_wait_for(&s.changed, &s.lock, days(1000000)));
	lock_release(&s.lock);
	thread_join(&t);
	shared_finish(&s);
}

static void a_wait_ends_with_its_time(void **state maybe_unused)
{
	static const int64_t limits[] = { INT64_MIN, -1, 0, 1, 20, 999, 1001 };
	struct shared s;

	shared_init(&s);
	lock_acquire(&s.lock);
	for (size_t i = 0; i < array_len(limits); i++) {
		int early = 0;

		/* POSIX allows waking for no reason, but not again and again. */
		while (cond_wait_for(&s.changed, &s.lock, milliseconds(limits[i])))
			assert_true(++early < 10);
	}
	lock_release(&s.lock);
	shared_finish(&s);
}

/* Of its own memory, so that a touch after the set is one of freed memory. */
struct parcel {
	struct latch arrived;
	int content; /* plain: the latch is what orders it */
};

static void deliver(void *arg)
{
	struct parcel *const parcel = arg;

	parcel->content = 42;
	latch_set(&parcel->arrived);
}

/* In every order that the two threads come in; who waits frees at once. */
static void a_latch_brings_what_came_before_it(void **state maybe_unused)
{
	for (int i = 0; i < ROUNDS / 10; i++) {
		struct parcel *const parcel = calloc(1, sizeof(*parcel));
		int content;

		assert_non_null(parcel);
		assert_int_equal(thread_detach(deliver, parcel), OK);
		if (i % 2 == 0)
			latch_wait(&parcel->arrived);
		else
			assert_true(latch_wait_for(&parcel->arrived, PATIENCE));
		content = parcel->content;
		free(parcel);
		assert_int_equal(content, 42);
	}
}

struct pair {
	struct latch *there, *back;
};

static void answer_each(void *arg)
{
	const struct pair *const pair = arg;

	for (size_t i = 0; i < ROUNDS; i++) {
		latch_wait(&pair->there[i]);
		latch_set(&pair->back[i]);
	}
}

/* A wake-up that is lost would end this in a sleep without end. */
static void no_latch_is_slept_through(void **state maybe_unused)
{
	static struct latch there[ROUNDS], back[ROUNDS];
	struct pair pair = { there, back };
	struct thread t;

	assert_int_equal(thread_start(&t, answer_each, &pair), OK);
	for (size_t i = 0; i < ROUNDS; i++) {
		latch_set(&there[i]);
		assert_true(latch_wait_for(&back[i], PATIENCE));
	}
	thread_join(&t);
}

static void a_latch_that_is_set_is_not_waited_for(void **state maybe_unused)
{
	struct latch latch = { 0 };

	latch_set(&latch);
	latch_wait(&latch);
	assert_true(latch_wait_for(&latch, milliseconds(0)));
	assert_true(latch_wait_for(&latch, days(1000000)));
}

static void a_wait_for_a_latch_ends_with_its_time(void **state maybe_unused)
{
	static const int64_t limits[] = { INT64_MIN, -1, 0, 1, 20 };
	struct latch latch = { 0 };

	for (size_t i = 0; i < array_len(limits); i++)
		assert_false(latch_wait_for(&latch, milliseconds(limits[i])));
	latch_set(&latch); /* late, and heard all the same */
	assert_true(latch_wait_for(&latch, milliseconds(0)));
}

static void look_around(void *arg)
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

static void threads_leave_signals_to_the_first(void **state maybe_unused)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM };
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct shared s;
	struct thread t;
	sigset_t open, mask_after;

	shared_init(&s);
	assert_int_equal(sigemptyset(&open), 0);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &open, NULL), 0);
	assert_int_equal(thread_start(&t, look_around, &s), OK);
	thread_join(&t);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask_after), 0);
	for (size_t i = 0; i < array_len(ours); i++) {
		assert_int_equal(sigismember(&s.mask, ours[i]), 1);
		assert_int_equal(sigismember(&mask_after, ours[i]), 0);
	}
	for (size_t i = 0; i < array_len(faults); i++)
		assert_int_equal(sigismember(&s.mask, faults[i]), 0);
	assert_true(s.stack >= THREAD_STACK);
	assert_true(THREAD_STACK >= (size_t)(UNDER_ASAN ? 1024 : 512) * 1024);
	shared_finish(&s);
}

static void a_detached_thread_runs(void **state maybe_unused)
{
	/* It may still hold the lock for a moment when we leave. */
	static struct shared s;

	shared_init(&s);
	lock_acquire(&s.lock);
	assert_int_equal(thread_detach(look_around, &s), OK);
	while (s.ended == 0)
		assert_true(cond_wait_for(&s.changed, &s.lock, PATIENCE));
	lock_release(&s.lock);
	assert_int_equal(sigismember(&s.mask, SIGTERM), 1);
}

/* A bug must end the process at once. Runs `bug` in a child, tells whether it was an abort. */
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

static void take_twice(struct lock *l)
{
	lock_acquire(l);
	lock_acquire(l);
}

static void give_what_is_not_taken(struct lock *l)
{
	lock_release(l);
}

static void set_twice(struct lock *l)
{
	struct latch latch = { 0 };

	(void)l;
	latch_set(&latch);
	latch_set(&latch);
}

static void take_and_give(struct lock *l)
{
	lock_acquire(l);
	lock_release(l);
}

static void misuse_aborts(void **state maybe_unused)
{
	assert_false(aborts(take_and_give));
	assert_true(aborts(take_twice));
	assert_true(aborts(give_what_is_not_taken));
	assert_true(aborts(set_twice));
}

#if SPACE_HAS_LIMITS
/* In a child that may have no more memory for stacks: sooner or later a start is refused, and says so. */
static int start_until_refused(void)
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
		e = i % 2 == 0 ? thread_start(&t, wait_for_the_gate, &s)
			       : thread_detach(wait_for_the_gate, &s);
		if (e != OK)
			return e == ERR_BUSY && !t.running ? 0 : 3;
	}
	return 4;
}

static void no_more_threads_is_busy(void **state maybe_unused)
{
	int status = 0;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(start_until_refused());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

struct policies {
	int chosen, aside, back; /* before, while the thread stands aside, and after */
};

static void stand_aside(void *arg)
{
	struct policies *const p = arg;
	const struct sched_param none = { 0 };

	if (p->chosen != SCHED_OTHER && sched_setscheduler(0, p->chosen, &none) != 0)
		p->chosen = -1;
	thread_set_batch_priority(true);
	thread_set_batch_priority(true);
	p->aside = sched_getscheduler(0);
	thread_set_batch_priority(false);
	thread_set_batch_priority(false);
	p->back = sched_getscheduler(0);
}

/* What an operator has chosen stays. */
static void a_thread_stands_aside_and_comes_back(void **state)
{
	static const int rows[][2] = { { SCHED_OTHER, SCHED_BATCH }, { SCHED_BATCH, SCHED_BATCH },
		{ SCHED_IDLE, SCHED_IDLE } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policies p = { .chosen = rows[i][0] };
		struct thread t = { 0 };

		assert_int_equal(thread_start(&t, stand_aside, &p), OK);
		thread_join(&t);
		assert_int_equal(p.chosen, rows[i][0]);
		assert_int_equal(p.aside, rows[i][1]);
		assert_int_equal(p.back, rows[i][0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(a_thread_that_never_started_is_joined),
		cmocka_unit_test(all_are_woken),
		cmocka_unit_test(a_wait_ends_early_when_woken),
		cmocka_unit_test(a_wait_ends_with_its_time),
		cmocka_unit_test(a_latch_brings_what_came_before_it),
		cmocka_unit_test(no_latch_is_slept_through),
		cmocka_unit_test(a_latch_that_is_set_is_not_waited_for),
		cmocka_unit_test(a_wait_for_a_latch_ends_with_its_time),
		cmocka_unit_test(threads_leave_signals_to_the_first),
		cmocka_unit_test(a_detached_thread_runs),
		cmocka_unit_test(a_thread_stands_aside_and_comes_back),
		cmocka_unit_test(misuse_aborts),
#if SPACE_HAS_LIMITS
		cmocka_unit_test(no_more_threads_is_busy),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
