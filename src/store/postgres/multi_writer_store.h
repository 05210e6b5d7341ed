/* port/store.h over a driver of which several connections write beside each other (store/sql/driver.h): each
 * transaction runs on its caller's own thread, on a connection that is lent to it. What others made fail is
 * run again, a few times; so is what was undone because a connection went. Of a commit that nobody heard the
 * end of, the database is asked; while it cannot tell, the answer is ERR_BUSY, never OK. A database that is
 * gone is looked for after growing pauses, and all who come meanwhile hear ERR_BUSY at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/store.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

#define PG_CONNECTIONS 16
#define MULTI_WRITER_QUEUE 1024
#define MULTI_WRITER_WAIT seconds(5)
#define MULTI_WRITER_TRIES 10
/* Nothing is run again later than this after it came: a server that takes connections and is silent on each
 * would hold a caller for minutes. */
#define MULTI_WRITER_RETRY_LIMIT seconds(15)
/* Microseconds. */
#define MULTI_WRITER_SLOW ((int64_t)50 * 1000)
#define MULTI_WRITER_FRESH ((int64_t)1000 * 1000)
#define RECONNECT_DELAY_MIN ((int64_t)100 * 1000)
#define RECONNECT_DELAY_MAX ((int64_t)5 * 1000 * 1000)
/* How long the end of a commit is asked for. */
#define COMMIT_STATE_TIMEOUT seconds(3)

struct multi_writer_conf {
	enum err (*open)(void *arg, struct sql **out); /* a prepared one; from any thread */
	void (*finish)(void *arg);		       /* when nobody opens any more */
	void *arg;
	struct statements *statements; /* with which they are prepared */
	size_t connections;	       /* at most; 0: PG_CONNECTIONS */
	size_t queue;		       /* who may wait for one; 0: MULTI_WRITER_QUEUE */
	int64_t (*micros)(void);       /* monotonic microseconds */
};

/* Opens the first. Takes statements and `arg` over, also on failure. */
enum err multi_writer_store_open(const struct multi_writer_conf *conf, struct store **out) must_use;
/* How many wait for a connection. */
size_t multi_writer_store_waiting(struct store *store);
