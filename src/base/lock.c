#include "base/lock.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The longest wait in milliseconds (about 31 years). Longer waits are shortened to it, so that deadline_of
 * can add a wait to the current time without overflow. */
#define WAIT_MAX_MS ((int64_t)1000000000 * 1000)

/* Asserts that a pthread call succeeded. The calls checked here fail only because of a bug in kycd: a lock
 * acquired twice, released by another thread, or not initialised. */
static void assert_ok(int failure)
{
	assert(failure == 0);
	(void)failure;
}

void lock_init(struct lock *l)
{
	pthread_mutexattr_t attr;

	assert_ok(pthread_mutexattr_init(&attr));
	assert_ok(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
	assert_ok(pthread_mutex_init(&l->mutex, &attr));
	assert_ok(pthread_mutexattr_destroy(&attr));
}

void lock_finish(struct lock *l)
{
	assert_ok(pthread_mutex_destroy(&l->mutex));
}

void lock_acquire(struct lock *l)
{
	assert_ok(pthread_mutex_lock(&l->mutex));
}

void lock_release(struct lock *l)
{
	assert_ok(pthread_mutex_unlock(&l->mutex));
}

void cond_init(struct cond *s)
{
	pthread_condattr_t attr;

	assert_ok(pthread_condattr_init(&attr));
	assert_ok(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
	assert_ok(pthread_cond_init(&s->cond, &attr));
	assert_ok(pthread_condattr_destroy(&attr));
}

void cond_finish(struct cond *s)
{
	assert_ok(pthread_cond_destroy(&s->cond));
}

/* Returns the absolute time at which a wait of at most `limit` ends. POSIX requires it on the clock of the
 * condition variable, so this function reads a clock; no other code outside main/ does. The time is used only
 * for the wait. */
static struct timespec deadline_of(duration limit)
{
	const int64_t ms = limit.ms < 0 ? 0 : limit.ms > WAIT_MAX_MS ? WAIT_MAX_MS : limit.ms;
	struct timespec t;

	assert_ok(clock_gettime(CLOCK_MONOTONIC, &t));
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

bool cond_wait_for(struct cond *s, struct lock *l, duration limit)
{
	const struct timespec deadline = deadline_of(limit);
	const int failure = pthread_cond_timedwait(&s->cond, &l->mutex, &deadline);

	if (failure == ETIMEDOUT)
		return false;
	assert_ok(failure);
	return true;
}

void cond_wait(struct cond *s, struct lock *l)
{
	assert_ok(pthread_cond_wait(&s->cond, &l->mutex));
}

void cond_signal(struct cond *s)
{
	assert_ok(pthread_cond_signal(&s->cond));
}

void cond_broadcast(struct cond *s)
{
	assert_ok(pthread_cond_broadcast(&s->cond));
}

/* Values of latch.state. The value 0 means that the latch is not set and no thread waits for it. */
enum { LATCH_AWAITED = 1, LATCH_SET = 2 };

/* Sleeps while the latch's state is LATCH_AWAITED; may wake spuriously. `end` is a time on the monotonic
 * clock (futex(2): FUTEX_WAIT_BITSET); NULL: no time limit. Returns false when `end` is reached. */
static bool latch_sleep(struct latch *l, const struct timespec *end)
{
	const long done = syscall(SYS_futex, &l->state, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, LATCH_AWAITED,
		end, NULL, FUTEX_BITSET_MATCH_ANY);

	assert(done == 0 || errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
	return done == 0 || errno != ETIMEDOUT;
}

static bool latch_wait_until(struct latch *l, const struct timespec *end)
{
	uint32_t state = 0;

	if (atomic_compare_exchange_strong(&l->state, &state, LATCH_AWAITED))
		state = LATCH_AWAITED;
	while (state != LATCH_SET) {
		const bool has_time = latch_sleep(l, end);

		state = atomic_load(&l->state);
		if (!has_time)
			break;
	}
	return state == LATCH_SET;
}

/* Once the state is exchanged, the waiting thread may free the latch, and its memory may be reused before the
 * futex call. That is safe: FUTEX_WAKE uses the address of the memory but does not access it. At worst it
 * wakes a thread that waits for another futex at that address, and all futex users must handle spurious
 * wake-ups. */
void latch_set(struct latch *l)
{
	const uint32_t before = atomic_exchange(&l->state, LATCH_SET);

	assert(before != LATCH_SET);
	if (before == LATCH_AWAITED)
		(void)syscall(SYS_futex, &l->state, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

void latch_wait(struct latch *l)
{
	(void)latch_wait_until(l, NULL);
}

bool latch_wait_for(struct latch *l, duration limit)
{
	const struct timespec end = deadline_of(limit);

	return latch_wait_until(l, &end);
}

struct thread_args {
	void (*run)(void *arg);
	void *arg;
};

static void *thread_main(void *arg)
{
	const struct thread_args args_copy = *(const struct thread_args *)arg;

	free(arg);
	args_copy.run(args_copy.arg);
	return NULL;
}

/* Blocks signals before a thread is created, because the new thread inherits the signal mask. Signals for
 * faults (SIGSEGV etc.) are not blocked: if they were, a fault would end the process without a report of the
 * sanitizer or debugger. */
static void block_signals(sigset_t *old)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked;

	assert_ok(sigfillset(&blocked));
	for (size_t i = 0; i < array_len(faults); i++)
		assert_ok(sigdelset(&blocked, faults[i]));
	assert_ok(pthread_sigmask(SIG_SETMASK, &blocked, old));
}

static enum err thread_create(pthread_t *id, int detach_state, void (*run)(void *arg), void *arg)
{
	struct thread_args *const args_copy = malloc(sizeof(*args_copy));
	pthread_attr_t attr;
	sigset_t old;
	int failure;

	if (args_copy == NULL)
		return ERR_INTERNAL;
	*args_copy = (struct thread_args){ run, arg };
	assert_ok(pthread_attr_init(&attr));
	assert_ok(pthread_attr_setstacksize(&attr, THREAD_STACK));
	assert_ok(pthread_attr_setdetachstate(&attr, detach_state));
	block_signals(&old);
	failure = pthread_create(id, &attr, thread_main, args_copy);
	assert_ok(pthread_sigmask(SIG_SETMASK, &old, NULL));
	assert_ok(pthread_attr_destroy(&attr));
	if (failure == 0)
		return OK;
	free(args_copy);
	return failure == EAGAIN ? ERR_BUSY : ERR_INTERNAL;
}

enum err thread_start(struct thread *t, void (*run)(void *arg), void *arg)
{
	pthread_t id;

	TRY(thread_create(&id, PTHREAD_CREATE_JOINABLE, run, arg));
	*t = (struct thread){ id, true };
	return OK;
}

enum err thread_detach(void (*run)(void *arg), void *arg)
{
	pthread_t id;

	return thread_create(&id, PTHREAD_CREATE_DETACHED, run, arg);
}

void thread_set_batch_priority(bool is_batch)
{
	static _Thread_local bool is_batch_now;

	if (is_batch == is_batch_now || (is_batch && sched_getscheduler(0) != SCHED_OTHER))
		return;
	(void)!sched_setscheduler(0, is_batch ? SCHED_BATCH : SCHED_OTHER, &(struct sched_param){ 0 });
	is_batch_now = is_batch;
}

void thread_join(struct thread *t)
{
	if (!t->running)
		return;
	assert_ok(pthread_join(t->id, NULL));
	t->running = false;
}
