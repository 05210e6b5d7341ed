/* What a database must do for the store. A driver is one connection, used by one thread at a time, and knows
 * nothing of the domain: statements come as texts with the columns they take and give
 * (store/sql/statements.h). Failures: ERR_BUSY (somebody else has it locked), ERR_CONFLICT (a unique value is
 * taken), ERR_INPUT (not a database of this engine), ERR_STORAGE, ERR_INTERNAL (no memory). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/load_plan.h"

struct statements;

/* One run of a prepared statement. */
struct sql_call {
	size_t which;	     /* its number in store/sql/statements.h */
	const void *from;    /* the row that parameters are taken from */
	size_t skip, limit;  /* a reading statement gives at most `limit` rows; only a question skips */
	struct arena *arena; /* loaded bytes live here */
	void *to;	     /* an array of rows with room for `limit`; on failure some may be half filled */
};

/* The table that a database has while it is half a copy (store/copy/copy). */
#define COPY_MARK "unfinished_copy"

/* How an engine spells what the schema's steps leave open, and what migrate asks it. */
struct dialect {
	const char *text, *bytes, *integer;
	const char *strict;		  /* behind a table's closing bracket */
	const char *now;		  /* milliseconds, by the database's own clock */
	const char *count_tables;	  /* how many tables there are, a number */
	const char *count_migrations;	  /* how many tables are named schema_migrations */
	const char *count_old_migrations; /* the same for schema_steps, its name before version 12 */
	const char *count_marks;	  /* how many of them are named COPY_MARK */
	const char *alone; /* a question; who has its answer migrates alone. NULL: begin is enough */
};

struct sql {
	const struct sql_ops *ops;
	const struct dialect *dialect;
};

/* What a failure means for the transaction that it came from. */
enum tx_outcome {
	TX_FAILED,  /* undone; the same work would fail again, or failed by itself */
	TX_RETRY,   /* undone because of others: run again, it may succeed */
	TX_LOST,    /* undone, and the connection is gone */
	TX_UNKNOWN, /* the connection went while it was being committed */
};

/* Which transaction it was. A server that crashed, or another one that took its place, lives anew, and gives
 * numbers again that it has no record of. `number` 0: it had none. */
struct tx_id {
	int64_t txid, server_epoch;
};

/* What became of a transaction of which nobody heard. Unknown: one of this number stands, and it may have
 * been another life's. */
enum commit_state { COMMIT_ROLLED_BACK, COMMIT_DONE, COMMIT_IN_PROGRESS, COMMIT_UNKNOWN };

/* An engine with one writer has no `outcome` and `commit_state`; one that sees to its log itself none of what
 * stands between `mark` and `undo`, and behind `run`: these are what the grouped writer needs. */
struct sql_ops {
	/* Runs one or several statements that give nothing back. */
	enum err (*script)(struct sql *sql, const char *text);
	/* The first column of the first row, as a number. ERR_NOT_FOUND. */
	enum err (*query_number)(struct sql *sql, const char *text, int64_t *number);
	/* Prepares them all, or only those that read; what `run` needs. `all` outlives the connection. */
	enum err (*prepare)(struct sql *sql, const struct statements *all, bool writing);
	/* One more connection for reading the same database, beside one that is prepared and may be in use
	 * meanwhile; its statements are prepared when they are first run. */
	enum err (*clone)(struct sql *sql, struct sql **out);

	enum err (*begin)(struct sql *sql, bool writing);
	enum err (*savepoint)(struct sql *sql); /* from here a job can be undone alone */
	enum err (*release_savepoint)(
		struct sql *sql); /* the job stands; fails when the engine ended the transaction */
	enum err (*rollback_to_savepoint)(
		struct sql *sql);	     /* back to the mark, which is gone then; fails likewise */
	enum err (*commit)(struct sql *sql); /* returns when the disk has it */
	void (*rollback)(struct sql *sql);   /* fine when nothing is open */
	/* `rows`: how many were read, or changed. */
	enum err (*run)(struct sql *sql, const struct sql_call *call, size_t *rows);
	/* By the database's own clock, as it is now; inside a transaction. */
	enum err (*clock)(struct sql *sql, moment *now);
	/* What will be run next is asked for in one go; NULL where that gains nothing. */
	enum err (*prefetch)(struct sql *sql, enum load_plan_kind plan, const void *probe);
	/* All rows, of the kinds of arrival_rows (store/sql/statement), as a transaction that stands when it
	 * returns; ERR_CONFLICT, and nothing has changed: the first one is there. Nothing was run before.
	 * NULL: there is no such thing. */
	enum err (*insert_new_user)(struct sql *sql, const void *const rows[NEW_USER_ROWS]);

	/* Of the last transaction that failed; asked before it is rolled back. `number` names it for
	 * result_text_of. */
	enum tx_outcome (*outcome)(struct sql *sql, struct tx_id *number);
	enum err (*commit_state)(struct sql *sql, struct tx_id number, enum commit_state *state);

	/* How long the log is after this connection's last commit; 0 when the engine sees to it itself. */
	size_t (*wal_pages)(struct sql *sql);
	/* Carries the log over, as the writer and outside of any transaction: the next one begins it anew. */
	void (*checkpoint)(struct sql *sql);
	/* The same as far as that goes beside a writer, on a connection for reading. `carried`: how many
	 * pages of the log need not be carried over any more. */
	enum err (*checkpoint_passive)(struct sql *sql, size_t *carried);
	void (*close)(struct sql *sql);
};
