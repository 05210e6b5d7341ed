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

/* A one-time event that at most one thread waits for. A latch whose bytes are all zero is not set. */
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
/* Waits until `s` is signalled, or at most `limit`. May also return early (spurious wake-up). The caller
 * holds `l`. Returns false if the time limit was reached. */
bool cond_wait_for(struct cond *s, struct lock *l, duration limit);
/* Waits until `s` is signalled. May also return early (spurious wake-up). The caller holds `l`. */
void cond_wait(struct cond *s, struct lock *l);
void cond_signal(struct cond *s);
void cond_broadcast(struct cond *s);

/* Sets the latch and wakes the waiting thread. All writes made before the call are visible to the waiting
 * thread. That thread may free the latch at once, because latch_set does not access the latch's memory after
 * setting it. A latch is set only once (assert). A system call is made only if a thread waits. */
void latch_set(struct latch *l);
void latch_wait(struct latch *l);
/* Returns false if the time limit was reached. The latch can still be set later and waited for again. */
bool latch_wait_for(struct latch *l, duration limit);

/* Stack size of a thread in bytes of virtual memory. The JSON library jansson recurses up to 2,048 levels
 * deep and needs 512 KiB for that (1 MiB with ASan). */
#define THREAD_STACK ((size_t)(UNDER_ASAN ? 2048 : 512) * 1024)
/* Starts a thread that must be joined with thread_join. The thread blocks all signals except those for faults
 * (SIGSEGV etc.), so that the main thread receives them. ERR_BUSY: the system cannot create more threads. */
enum err thread_start(struct thread *t, void (*run)(void *arg), void *arg) must_use;
/* Like thread_start, but the thread cannot be joined. */
enum err thread_detach(void (*run)(void *arg), void *arg) must_use;
/* With true, switches the calling thread to the scheduling policy SCHED_BATCH (sched(7)); with false, back to
 * SCHED_OTHER. A batch thread that wakes up does not preempt the running thread; this helps when one thread
 * (e.g. the database writer) wakes many others. Makes no system call if the policy is already set. Does
 * nothing if the system does not permit the change or an operator chose another policy. */
void thread_set_batch_priority(bool is_batch);
/* Waits until the thread ends. Does nothing if the thread was not started or was joined already. */
void thread_join(struct thread *t);
