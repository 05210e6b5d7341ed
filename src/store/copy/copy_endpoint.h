/* One end of a copy (store/copy/copy): a database whose rows come or go as tuples (store/copy/row_codec).
 * Like a driver it is one connection, used by one thread; reading and writing on it take turns. Failures are
 * those of store/sql/driver.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "port/record.h"

/* Of a target whose copy was begun with another schema. */
#define COPY_OF_ANOTHER_VERSION                                                                              \
	"is half of a copy that another version of kycd began: give an empty database, and begin anew"

enum copy_role { COPY_SOURCE, COPY_TARGET };

struct copy_endpoint {
	const struct copy_endpoint_ops *ops;
	struct str name; /* for people, without a password */
	bool unfinished; /* a target that is half a copy */
};

struct copy_endpoint_ops {
	/* Several statements that give nothing back; a number. */
	enum err (*script)(struct copy_endpoint *endpoint, const char *text);
	enum err (*ask)(struct copy_endpoint *endpoint, const char *text, int64_t *number);
	/* A source's transaction sees one moment, a target's writes. */
	enum err (*begin)(struct copy_endpoint *endpoint);
	enum err (*commit)(struct copy_endpoint *endpoint);
	void (*rollback)(struct copy_endpoint *endpoint);
	/* All rows of a table by key. ERR_NOT_FOUND: there are no more; `tuple` is valid until the next call
	 * on this end. Stopped in any case; fine when nothing is read. */
	enum err (*read)(struct copy_endpoint *endpoint, const struct record *table);
	enum err (*next)(struct copy_endpoint *endpoint, struct str *encoded);
	void (*stop)(struct copy_endpoint *endpoint);
	/* New rows, which fit the table, inside a transaction. After `put` failed there is only rollback. */
	enum err (*write)(struct copy_endpoint *endpoint, const struct record *table);
	enum err (*put)(struct copy_endpoint *endpoint, struct str encoded);
	enum err (*written)(struct copy_endpoint *endpoint);
	/* Outside of transactions. ERR_BUSY: kycd uses it besides us, or has changed it since our last
	 * transaction began; `trouble` says so. */
	enum err (*alone)(struct copy_endpoint *endpoint);
	/* What was wrong last, as it may follow the name of a database or of a table. Static. */
	const char *(*error)(struct copy_endpoint *endpoint);
	void (*close)(struct copy_endpoint *endpoint);
};
