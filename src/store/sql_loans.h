/* A few connections, lent to the callers' own threads. They are opened when they are needed and stay; who
 * waits for one is served in the order of arrival, at most so long, and nobody is woken in vain. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/sql_driver.h"

#define LOANS_MAX 32

struct loans_conf {
	enum err (*open)(void *arg, struct sql **out); /* one more; from any thread */
	void *arg;
	size_t max;  /* connections, 1 to LOANS_MAX */
	size_t room; /* how many may wait; 0: no bound */
	duration wait;
};

struct loans;

/* None is open yet. */
enum err loans_open(const struct loans_conf *conf, struct loans **out) must_use;
/* Opens one more and keeps it, if there is room. */
enum err loans_widen(struct loans *p) must_use;
/* ERR_BUSY: none in time, or too many wait already. Else what opening said, when there is none at all. */
enum err loans_borrow(struct loans *p, struct sql **out) must_use;
void loans_give_back(struct loans *p, struct sql *sql);
/* It is closed instead, and so are those that lie idle, when `all`. */
void loans_drop(struct loans *p, struct sql *sql, bool all);
/* How many wait for a connection. */
size_t loans_waiting(struct loans *p);
/* Closes them; none may be lent. Accepts NULL. */
void loans_close(struct loans *p);
