/* port/store.h over a driver (store/sql/driver.h): writes through the grouped writer, reads on connections of
 * their own. */
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
	struct sql *reader;	       /* the first; others are made like it */
	size_t readers;		       /* at most, 1 to READERS_MAX */
	struct statements *statements; /* with which the connections were prepared */
	size_t queue;		       /* jobs that may wait to be written; 0: WRITER_QUEUE_MAX */
	int64_t (*micros)(void);       /* monotonic microseconds */
};

/* Takes connections and statements over, also on failure. */
enum err single_writer_store_open(const struct single_writer_conf *conf, struct store **out) must_use;
