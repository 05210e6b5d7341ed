/* A bounded pool of objects that are expensive to create: database connections, libcurl handles. Items are
 * opened when needed and kept open. If none is free, callers wait and are served in order of arrival.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

struct pool_conf {
	enum err (*open)(void *arg, void **item); /* called on any thread, without the pool's lock */
	void (*close)(void *item);
	/* NULL: pool_acquire opens items on its caller's thread. Otherwise it opens none, so that its caller
	 * waits for an item that is released as well as for a new one, and never longer than its time limit:
	 * it calls `request`, without the pool's lock, and the owner then calls pool_grow on another thread.
	 */
	void (*request)(void *arg);
	void *arg;	    /* passed to `open` and `request` */
	size_t max;	    /* maximum number of open items */
	size_t max_waiting; /* maximum number of waiting callers; 0: no limit */
};

struct pool;

/* Creates a pool; opens no item yet. ERR_INPUT: `max` is 0. */
enum err pool_open(const struct pool_conf *conf, struct pool **out) must_use;
/* Opens one more item and keeps it in the pool. Does nothing if `max` items are open. */
enum err pool_grow(struct pool *pool) must_use;
/* Takes the item that was released last, or opens or requests one. Waits at most `*left` and subtracts the
 * waiting time from it, in steps of a twentieth of `*left`. ERR_BUSY: no item became free in time, or too
 * many callers are waiting. If `open` fails, its error is returned, unless an open item became free in time.
 */
enum err pool_acquire(struct pool *pool, duration *left, void **item) must_use;
void pool_release(struct pool *pool, void *item);
/* Closes an acquired item instead of releasing it. If `all` is true, also closes all idle items. */
void pool_discard(struct pool *pool, void *item, bool all);
/* Number of waiting callers. */
size_t pool_waiting(struct pool *pool);
/* Number of items that are open or being opened. */
size_t pool_open_items(struct pool *pool);
/* Closes all items and frees the pool. No item may be in use. Accepts NULL. */
void pool_close(struct pool *pool);
