/* The interface of a database that is the source or the target of a copy (store/copy/copy.h). Rows are read
 * and written as encoded rows (store/copy/row_codec.h). Like a driver, an endpoint is one connection, used by
 * one thread, and it cannot read and write at the same time. Errors are those of store/sql/driver.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "port/record.h"

/* The error message for a target that contains an unfinished copy with another schema version. */
#define COPY_OF_ANOTHER_VERSION                                                                              \
	"is an unfinished copy made by another version of kycd: use an empty database and copy again"

enum copy_role { COPY_SOURCE, COPY_TARGET };

struct copy_endpoint {
	const struct copy_endpoint_ops *ops;
	struct str name; /* path, or URL without its password, for messages */
	bool unfinished; /* the target contains an unfinished copy */
};

struct copy_endpoint_ops {
	/* Runs one or more statements that return no rows. */
	enum err (*script)(struct copy_endpoint *endpoint, const char *text);
	/* Returns the first column of the first row as a number. Returns ERR_NOT_FOUND if there is no row. */
	enum err (*query_number)(struct copy_endpoint *endpoint, const char *text, int64_t *number);
	/* Begins a transaction. On a source, it reads one consistent snapshot; on a target, it writes. */
	enum err (*begin)(struct copy_endpoint *endpoint);
	enum err (*commit)(struct copy_endpoint *endpoint);
	void (*rollback)(struct copy_endpoint *endpoint);
	/* `read` starts reading all rows of a table, sorted by key. `next` returns one row, valid until the
	 * next call on this endpoint, or ERR_NOT_FOUND after the last row. `stop` ends the reading; the
	 * caller must call it even after a failure or the last row. `stop` does nothing if no table is being
	 * read. */
	enum err (*read)(struct copy_endpoint *endpoint, const struct record *table);
	enum err (*next)(struct copy_endpoint *endpoint, struct str *encoded);
	void (*stop)(struct copy_endpoint *endpoint);
	/* `write` starts inserting rows into a table, inside a transaction; `put` inserts one row, which must
	 * fit the table (row_fits_table); `end_write` ends it. After a failure only `rollback` is allowed. */
	enum err (*write)(struct copy_endpoint *endpoint, const struct record *table);
	enum err (*put)(struct copy_endpoint *endpoint, struct str encoded);
	enum err (*end_write)(struct copy_endpoint *endpoint);
	/* Checks that no other kycd process uses the database. Must be called outside of a transaction.
	 * Returns ERR_BUSY if another process uses the database or has changed it since the last transaction
	 * of this endpoint began; the message of `error` then states which of these happened. */
	enum err (*check_exclusive_use)(struct copy_endpoint *endpoint);
	/* Describes the last failure. The text is static and completes a sentence that begins with the name
	 * of the database or of the table, such as "is locked by another process". */
	const char *(*error)(struct copy_endpoint *endpoint);
	void (*close)(struct copy_endpoint *endpoint);
};
