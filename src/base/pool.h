/* A bounded pool of items that are costly to make: database connections, libcurl handles. Items are opened
 * when they are needed and kept. Callers that find none wait, and are served in the order they came.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"

struct pool_conf {
	enum err (*open)(void *arg, void **item); /* called from any thread, without a lock held */
	void (*close)(void *item);
	void *arg;	    /* of `open` */
	size_t max;	    /* items open at a time */
	size_t max_waiting; /* callers that wait at a time; 0: no limit */
};

struct pool;

/* Opens no item yet. ERR_INPUT: `max` is 0. */
enum err pool_open(const struct pool_conf *conf, struct pool **out) must_use;
/* Opens one more item and keeps it, unless `max` are open. */
enum err pool_grow(struct pool *pool) must_use;
/* The item that was released last. Waits at most `*left`, which afterwards is what remains of it, rounded
 * down to a twentieth of the wait. ERR_BUSY: none in time, or too many wait. The error of `open`: no item is
 * open. */
enum err pool_acquire(struct pool *pool, duration *left, void **item) must_use;
void pool_release(struct pool *pool, void *item);
/* Closes the item instead, and with `all` those that are idle. */
void pool_discard(struct pool *pool, void *item, bool all);
/* Number of callers that wait. */
size_t pool_waiting(struct pool *pool);
/* Closes all items; none may be in use. Accepts NULL. */
void pool_close(struct pool *pool);
