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

/* A wait beyond this (31 years) is as good as endless, and keeps the sum below from overflowing. */
#define LONGEST_WAIT_MS ((int64_t)1000000000 * 1000)

/* What pthread refuses here is a bug of ours: a lock taken twice, given by another, or never made. */
static void sure(int failure)
{
	assert(failure == 0);
	(void)failure;
}

void lock_init(struct lock *l)
{
	pthread_mutexattr_t attr;

	sure(pthread_mutexattr_init(&attr));
	sure(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK));
	sure(pthread_mutex_init(&l->mutex, &attr));
	sure(pthread_mutexattr_destroy(&attr));
}

void lock_finish(struct lock *l)
{
	sure(pthread_mutex_destroy(&l->mutex));
}

void lock_acquire(struct lock *l)
{
	sure(pthread_mutex_lock(&l->mutex));
}

void lock_release(struct lock *l)
{
	sure(pthread_mutex_unlock(&l->mutex));
}

void cond_init(struct cond *s)
{
	pthread_condattr_t attr;

	sure(pthread_condattr_init(&attr));
	sure(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
	sure(pthread_cond_init(&s->cond, &attr));
	sure(pthread_condattr_destroy(&attr));
}

void cond_finish(struct cond *s)
{
	sure(pthread_cond_destroy(&s->cond));
}

/* The one place outside main/ that reads a clock: POSIX wants the end of a wait as a point on the condition's
 * own clock, and no rule ever sees this time. */
static struct timespec deadline_of(duration limit)
{
	const int64_t ms = limit.ms < 0 ? 0 : limit.ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : limit.ms;
	struct timespec t;

	sure(clock_gettime(CLOCK_MONOTONIC, &t));
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
	sure(failure);
	return true;
}

void cond_wait(struct cond *s, struct lock *l)
{
	sure(pthread_cond_wait(&s->cond, &l->mutex));
}

void cond_signal(struct cond *s)
{
	sure(pthread_cond_signal(&s->cond));
}

void cond_broadcast(struct cond *s)
{
	sure(pthread_cond_broadcast(&s->cond));
}

enum { LATCH_AWAITED = 1, LATCH_SET = 2 };

/* Sleeps while the latch is awaited, and perhaps wakes for no reason. The end is a point on the monotonic
 * clock (futex(2): FUTEX_WAIT_BITSET); NULL: none. False when it is reached. */
static bool sleep_on(struct latch *l, const struct timespec *end)
{
	const long done = syscall(SYS_futex, &l->state, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, LATCH_AWAITED,
		end, NULL, FUTEX_BITSET_MATCH_ANY);

	assert(done == 0 || errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
	return done == 0 || errno != ETIMEDOUT;
}

static bool wait_until(struct latch *l, const struct timespec *end)
{
	uint32_t state = 0;

	if (atomic_compare_exchange_strong(&l->state, &state, LATCH_AWAITED))
		state = LATCH_AWAITED;
	while (state != LATCH_SET) {
		const bool goes_on = sleep_on(l, end);

		state = atomic_load(&l->state);
		if (!goes_on)
			break;
	}
	return state == LATCH_SET;
}

/* The memory may be gone, or another's, before the call to wake: it is given a number then, not touched, and
 * at worst wakes somebody for no reason, which every sleeper on a futex must bear. */
void latch_set(struct latch *l)
{
	const uint32_t before = atomic_exchange(&l->state, LATCH_SET);

	assert(before != LATCH_SET);
	if (before == LATCH_AWAITED)
		(void)syscall(SYS_futex, &l->state, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}

void latch_wait(struct latch *l)
{
	(void)wait_until(l, NULL);
}

bool latch_wait_for(struct latch *l, duration limit)
{
	const struct timespec end = deadline_of(limit);

	return wait_until(l, &end);
}

struct thread_args {
	void (*run)(void *arg);
	void *arg;
};

static void *run_errand(void *arg)
{
	const struct thread_args errand = *(const struct thread_args *)arg;

	free(arg);
	errand.run(errand.arg);
	return NULL;
}

/* The mask of the thread that starts is what the new one is born with. The signals of its own faults stay
 * open: blocked, they would end the process without the report of a sanitizer or a debugger. */
static void block_signals(sigset_t *old)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
	sigset_t blocked;

	sure(sigfillset(&blocked));
	for (size_t i = 0; i < array_len(faults); i++)
		sure(sigdelset(&blocked, faults[i]));
	sure(pthread_sigmask(SIG_SETMASK, &blocked, old));
}

static enum err start(pthread_t *id, int detach_state, void (*run)(void *arg), void *arg)
{
	struct thread_args *const errand = malloc(sizeof(*errand));
	pthread_attr_t attr;
	sigset_t old;
	int failure;

	if (errand == NULL)
		return ERR_INTERNAL;
	*errand = (struct thread_args){ run, arg };
	sure(pthread_attr_init(&attr));
	sure(pthread_attr_setstacksize(&attr, THREAD_STACK));
	sure(pthread_attr_setdetachstate(&attr, detach_state));
	block_signals(&old);
	failure = pthread_create(id, &attr, run_errand, errand);
	sure(pthread_sigmask(SIG_SETMASK, &old, NULL));
	sure(pthread_attr_destroy(&attr));
	if (failure == 0)
		return OK;
	free(errand);
	return failure == EAGAIN ? ERR_BUSY : ERR_INTERNAL;
}

enum err thread_start(struct thread *t, void (*run)(void *arg), void *arg)
{
	pthread_t id;

	TRY(start(&id, PTHREAD_CREATE_JOINABLE, run, arg));
	*t = (struct thread){ id, true };
	return OK;
}

enum err thread_detach(void (*run)(void *arg), void *arg)
{
	pthread_t id;

	return start(&id, PTHREAD_CREATE_DETACHED, run, arg);
}

void thread_set_batch_priority(bool aside)
{
	static _Thread_local bool is_aside;

	if (aside == is_aside || (aside && sched_getscheduler(0) != SCHED_OTHER))
		return;
	(void)!sched_setscheduler(0, aside ? SCHED_BATCH : SCHED_OTHER, &(struct sched_param){ 0 });
	is_aside = aside;
}

void thread_join(struct thread *t)
{
	if (!t->running)
		return;
	sure(pthread_join(t->id, NULL));
	t->running = false;
}
