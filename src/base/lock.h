/* Threads and what they share: mutex, condition with a deadline, latch, thread. The only room that knows
 * pthread.h and Linux's futex; who may include it is a list in layers.txt. Waits are bounded by monotonic
 * milliseconds. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/moment.h"

struct lock {
	pthread_mutex_t mutex;
};

struct cond {
	pthread_cond_t cond;
};

/* Something that happens once, and the one thread that waits for it. All zeros: not yet. */
struct latch {
	_Atomic uint32_t state;
};

struct thread {
	pthread_t id;
	bool running;
};

void lock_init(struct lock *l);
void lock_finish(struct lock *l);
void lock_acquire(struct lock *l);
void lock_release(struct lock *l);

void cond_init(struct cond *s);
void cond_finish(struct cond *s);
/* With `l` held: sleeps until woken (or for no reason), at most `limit`. False when the time is up. */
bool cond_wait_for(struct cond *s, struct lock *l, duration limit);
/* With `l` held: sleeps until woken (or for no reason). */
void cond_wait(struct cond *s, struct lock *l);
void cond_signal(struct cond *s);
void cond_broadcast(struct cond *s);

/* What was written before the latch is set is seen by who waited. Setting it is the last touch of its memory:
 * the waiter may free it at once. Nobody sets it twice; costs no call of the system unless somebody sleeps.
 */
void latch_set(struct latch *l);
void latch_wait(struct latch *l);
/* False when the time is up: it may still be set later, and may be waited for again. */
bool latch_wait_for(struct latch *l, duration limit);

/* Stacks are THREAD_STACK bytes (virtual): jansson recurses 2,048 levels deep and needs 512 KiB (1 MiB under
 * ASan). A started thread gets no signals from outside: they are for the main thread. ERR_BUSY when the
 * system has no more threads. */
#define THREAD_STACK ((size_t)(UNDER_ASAN ? 2048 : 512) * 1024)
enum err thread_start(struct thread *t, void (*run)(void *arg), void *arg) must_use;
/* The same, but nobody will join it. */
enum err thread_detach(void (*run)(void *arg), void *arg) must_use;
/* When the calling thread wakes, from now on, it does not interrupt who is running (SCHED_BATCH, sched(7)),
 * until that is taken back. For one of many whom a single thread wakes, as the writer does. Costs nothing
 * where it is so already; does nothing where the system does not allow it, or an operator has chosen another
 * policy. */
void thread_set_batch_priority(bool aside);
/* Waits for the end; nothing to do for one that never started. */
void thread_join(struct thread *t);
