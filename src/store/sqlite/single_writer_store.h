/* Implements the store (port/store.h) on a driver (store/sql/driver.h) whose database has one writer, such as
 * SQLite. Writing transactions go through group commit (store/sqlite/group_commit.h); reading transactions
 * use a pool of connections (store/sqlite/readers.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "port/store.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"
#include "store/sqlite/readers.h"

struct single_writer_conf {
	struct sql *writer;
	struct sql *reader;	       /* the first reading connection; the others are cloned from it */
	size_t readers;		       /* number of reading connections, 1 to READERS_MAX */
	struct statements *statements; /* statements that both connections were prepared with */
	size_t queue;		       /* maximum length of the write queue; 0 means WRITER_QUEUE_MAX */
	int64_t (*micros)(void);       /* monotonic clock in microseconds */
};

/* Opens the store. Takes ownership of the connections and the statements, also on failure. */
enum err single_writer_store_open(const struct single_writer_conf *conf, struct store **out) must_use;
