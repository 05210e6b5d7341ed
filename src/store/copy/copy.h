/* Copies a database of ours whole, row by row, into an empty one of any engine. It can be ended at any moment
 * and run again: what stands in the target then is compared with the source and gone on with, and a table
 * that is not as in the source is emptied and copied anew. Until all has been read back and compared the
 * target has COPY_MARK, and nobody serves on it.
 *
 * Memory is bounded: one row, and what an engine keeps for a transaction of COPY_BATCH_ROWS. */
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

#define COPY_BATCH_ROWS 20000
#define COPY_BATCH_BYTES ((size_t)8 * 1024 * 1024)

enum copy_phase {
	COPY_INSPECT,  /* counts, and sees whether the target is empty */
	COPY_TRANSFER, /* or goes by what an earlier run has brought */
	COPY_VERIFY,   /* reads back what arrived */
};

/* How far it is, told every thousand rows or so. */
struct copy_progress {
	enum copy_phase phase;
	const char *table;
	int64_t rows, total; /* of all tables */
};

struct copy_conf {
	struct copy_endpoint *source, *target;
	void (*on_progress)(void *arg, const struct copy_progress *progress);
	void *arg;
	struct cancel_token cancel;
	struct arena *arena;
	struct str *error; /* on failure, a sentence for the operator */
};

struct copy_result {
	struct rows_checksum tables[COPY_TABLES]; /* as copy_table() numbers them */
	int64_t rows;				  /* of all tables but schema_steps */
	int64_t resumed_rows;			  /* of them there already, from an earlier run */
};

/* ERR_CONFLICT: the target has rows that are no copy of
 * this source. ERR_BUSY: given up, or somebody else uses one of the two: it can be run again.
 * ERR_STORAGE: damage, or a full disk, or what was read back is not what was sent. */
enum err copy_run(const struct copy_conf *conf, struct copy_result *out) must_use;
