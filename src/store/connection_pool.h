/* A few connections, lent to the callers' own threads. They are opened when they are needed and stay; who
 * waits for one is served in the order of arrival, at most so long, and nobody is woken in vain. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/sql_driver.h"

#define CONNECTION_POOL_MAX 32

struct connection_pool_conf {
	enum err (*open)(void *arg, struct sql **out); /* one more; from any thread */
	void *arg;
	size_t max;  /* connections, 1 to CONNECTION_POOL_MAX */
	size_t room; /* how many may wait; 0: no bound */
	duration wait;
};

struct connection_pool;

/* None is open yet. */
enum err connection_pool_open(const struct connection_pool_conf *conf, struct connection_pool **out) must_use;
/* Opens one more and keeps it, if there is room. */
enum err connection_pool_grow(struct connection_pool *p) must_use;
/* ERR_BUSY: none in time, or too many wait already. Else what opening said, when there is none at all. */
enum err connection_pool_acquire(struct connection_pool *p, struct sql **out) must_use;
void connection_pool_release(struct connection_pool *p, struct sql *sql);
/* It is closed instead, and so are those that lie idle, when `all`. */
void connection_pool_discard(struct connection_pool *p, struct sql *sql, bool all);
/* How many wait for a connection. */
size_t connection_pool_waiting(struct connection_pool *p);
/* Closes them; none may be lent. Accepts NULL. */
void connection_pool_close(struct connection_pool *p);
