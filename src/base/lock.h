/* Threads, mutexes, condition variables and latches. The only module that uses pthread.h and Linux futexes;
 * layers.txt lists the modules that may include this header. Time limits are measured by the monotonic clock,
 * in milliseconds. */
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

/* A one-time event that at most one thread waits for. All zeros: not set. */
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
/* The caller holds `l`. Waits until signalled (or a spurious wake-up), at most `limit`. Returns false if the
 * time is up. */
bool cond_wait_for(struct cond *s, struct lock *l, duration limit);
/* The caller holds `l`. Waits until signalled (or a spurious wake-up). */
void cond_wait(struct cond *s, struct lock *l);
void cond_signal(struct cond *s);
void cond_broadcast(struct cond *s);

/* Sets the latch and wakes the waiting thread. All writes made before it are visible to the waiting thread,
 * which may free the latch at once: latch_set does not access its memory after setting it. A latch is set
 * only once (assert). Makes a system call only if a thread waits. */
void latch_set(struct latch *l);
void latch_wait(struct latch *l);
/* Returns false if the time is up. The latch can still be set later and waited for again. */
bool latch_wait_for(struct latch *l, duration limit);

/* Stack size of a thread in bytes of virtual memory. jansson recurses up to 2,048 levels deep and needs 512
 * KiB for it (1 MiB with ASan). */
#define THREAD_STACK ((size_t)(UNDER_ASAN ? 2048 : 512) * 1024)
/* Starts a thread that must be joined with thread_join. All signals except those for faults are blocked in
 * it, so that the main thread receives them. ERR_BUSY: the system cannot create more threads. */
enum err thread_start(struct thread *t, void (*run)(void *arg), void *arg) must_use;
/* Like thread_start, but the thread cannot be joined. */
enum err thread_detach(void (*run)(void *arg), void *arg) must_use;
/* Switches the calling thread to the scheduling policy SCHED_BATCH (sched(7)), or with false back to
 * SCHED_OTHER. A batch thread that wakes up does not preempt the running thread; this helps when one thread
 * (e.g. the database writer) wakes many others. Makes no system call if the policy is already set. Does
 * nothing if the system does not permit it or an operator chose another policy. */
void thread_set_batch_priority(bool is_batch);
/* Waits until the thread ends. Does nothing if the thread was not started or was joined already. */
void thread_join(struct thread *t);
