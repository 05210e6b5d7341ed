/* Copies a whole kycd database, row by row, into an empty database of the same or another engine. A copy may
 * be stopped or killed at any time and run again. The next run compares the rows of the target with the
 * source and continues after the last one; a table that differs is emptied and copied again. Until all rows
 * have been read back and compared, the target contains the table COPY_MARK, and kycd refuses to start with
 * it.
 *
 * Uses memory for one row, and what the engine needs for a transaction of COPY_BATCH_ROWS rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy/copy_endpoint.h"
#include "store/copy/copy_tables.h"
#include "store/copy/row_codec.h"
#include "store/sql/cancel_token.h"

/* A transaction on the target is committed when it reaches one of these two limits. */
#define COPY_BATCH_ROWS 20000
#define COPY_BATCH_BYTES ((size_t)8 * 1024 * 1024)

enum copy_phase {
	COPY_INSPECT,  /* checks that the target is empty, and counts the rows of the source */
	COPY_TRANSFER, /* compares the rows that an earlier run has copied, then copies the others */
	COPY_VERIFY,   /* reads the target and compares it with the rows that were copied */
};

/* Passed to on_progress at the start of each table and after about every 1,000 rows. */
struct copy_progress {
	enum copy_phase phase;
	const char *table; /* the current table */
	/* Number of rows of all tables that this phase has processed, and that the source has. */
	int64_t rows, total;
};

struct copy_conf {
	struct copy_endpoint *source, *target;
	void (*on_progress)(void *arg, const struct copy_progress *progress);
	void *arg;
	struct cancel_token cancel;
	struct arena *arena;
	struct str *error; /* on failure it is set to a message for the operator, in `arena` */
};

struct copy_result {
	struct rows_checksum tables[COPY_TABLES]; /* in the order of copy_table */
	int64_t rows;				  /* of all tables except schema_migrations */
	int64_t resumed_rows;			  /* those of `rows` that an earlier run has copied */
};

/* Runs on the calling thread until the copy is complete. Returns ERR_CONFLICT if the target contains rows
 * that are not a copy of this source. ERR_BUSY means that the copy was cancelled or another process uses one
 * of the databases; it can be run again. ERR_STORAGE means damage, a full disk, or a target that differs from
 * the copied rows. */
enum err copy_run(const struct copy_conf *conf, struct copy_result *out) must_use;
