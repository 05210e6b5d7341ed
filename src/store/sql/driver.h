/* The interface of a database driver. A driver is one connection to a database and is used by one thread at a
 * time. It contains no KYC rules: every statement is SQL text with a list of the columns that it uses as
 * parameters and returns as results (store/sql/statements.h).
 *
 * Errors: ERR_BUSY (another connection holds a lock), ERR_CONFLICT (a unique value exists already), ERR_INPUT
 * (not a database of this engine), ERR_STORAGE (any other failure of the database), ERR_INTERNAL (out of
 * memory). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "port/load_plan.h"
#include "port/store.h"

struct statements;

/* One execution of a prepared statement. */
struct sql_call {
	size_t statement;	/* number of the statement (store/sql/statement.h) */
	const void *parameters; /* struct of a record; the values of its members are the parameters */
	/* A reading statement returns at most `limit` rows; a query also skips the first `skip` rows. */
	size_t skip, limit;
	/* Rows whose MAC is wrong: `states` gets the state of each row that is read; if it is NULL, they are
	 * left out and counted in `stepped_over`; if that is NULL too, the call fails with ERR_INTEGRITY. The
	 * query may read `extra` rows more than `limit` to replace those that are left out. */
	enum row_state *states;
	size_t *stepped_over;
	size_t extra;
	struct arena *arena; /* memory for the byte values of the rows that are read */
	void *out;	     /* array of `limit` structs of the record; incomplete after a failure */
};

/* Name of the table that marks a database as an unfinished copy (store/copy/copy.h). */
#define COPY_MARK "unfinished_copy"

/* SQL that differs between the engines and is needed for the migrations (store/sql/migrate.c). */
struct dialect {
	const char *text, *bytes, *integer; /* column types */
	/* Table options, added after the closing bracket of CREATE TABLE. */
	const char *strict;
	/* SQL expression for the time of the database's clock, in milliseconds. */
	const char *now;
	const char *empty;  /* an empty value of type `bytes` */
	const char *join;   /* aggregate function: joins texts with a separator */
	const char *random; /* an expression: 16 random hexadecimal digits, new for each row */
	/* Query for the size of the database in bytes; NULL: sql_ops.size returns it. */
	const char *size;
	const char *count_tables;     /* query: number of tables */
	const char *count_migrations; /* query for the number of tables named schema_migrations */
	/* Query for the number of tables named schema_steps, the older name of schema_migrations (before
	 * version 12). */
	const char *count_old_migrations;
	const char *count_marks; /* query for the number of tables named COPY_MARK */
	/* Query that waits until no other process migrates, and prevents other migrations until the
	 * transaction ends. NULL: `begin` already does that. */
	const char *migration_lock;
};

struct sql {
	const struct sql_ops *ops;
	const struct dialect *dialect;
	int64_t opened_at; /* set by store/postgres/multi_writer_store, in microseconds */
};

/* What a failed call means for its transaction, and whether the store should run it again. */
enum tx_outcome {
	TX_FAILED, /* rolled back; a retry would not help */
	TX_RETRY,  /* rolled back because of a concurrent transaction; a retry may succeed */
	TX_LOST,   /* rolled back; the connection was lost */
	/* Rolled back. The cause may be a state that this connection got when it was opened, such as
	 * read-only. A new connection may not have it. */
	TX_BAD_CONNECTION,
	/* The connection was lost during COMMIT, so it is unknown whether the transaction was committed. */
	TX_UNKNOWN,
};

/* Identifies a transaction for `commit_state`. After a crash or a failover, a server may assign the number
 * `txid` to another transaction; its server_epoch is different then. If `txid` is 0, the transaction has no
 * number. */
struct tx_id {
	int64_t txid, server_epoch;
};

/* State of a transaction whose COMMIT got no reply. COMMIT_UNKNOWN means that a transaction with this number
 * was committed, but it may be another one, because the server has restarted or failed over. */
enum commit_state { COMMIT_ROLLED_BACK, COMMIT_DONE, COMMIT_IN_PROGRESS, COMMIT_UNKNOWN };

/* The operations of a driver. `outcome` and `commit_state` exist only for an engine with several writers
 * (PostgreSQL). The operations on savepoints, the write-ahead log (WAL) and checkpoints exist only for an
 * engine with one writer (SQLite): store/sqlite/group_commit uses them. */
struct sql_ops {
	/* Runs one or more statements that return no rows. */
	enum err (*script)(struct sql *sql, const char *text);
	/* Returns the first column of the first row as a number. Returns ERR_NOT_FOUND if there is no row. */
	enum err (*query_number)(struct sql *sql, const char *text, int64_t *number);
	/* Prepares the statements for `run`. If `writing` is false, prepares only those that read. `all` must
	 * stay valid until the connection is closed. */
	enum err (*prepare)(struct sql *sql, const struct statements *all, bool writing);
	/* Opens one more connection to the same database, for reading. `sql` must be prepared; another thread
	 * may be using it. The new connection prepares each statement at its first use. */
	enum err (*clone)(struct sql *sql, struct sql **out);

	enum err (*begin)(struct sql *sql, bool writing);
	/* Begins a part of the transaction that can be rolled back alone. release_savepoint ends that part
	 * and keeps its changes; rollback_to_savepoint ends it and undoes them. Both fail if the engine has
	 * ended the transaction, as SQLite may when the disk is full. */
	enum err (*savepoint)(struct sql *sql);
	enum err (*release_savepoint)(struct sql *sql);
	enum err (*rollback_to_savepoint)(struct sql *sql);
	enum err (*commit)(struct sql *sql); /* returns when the transaction is on the disk */
	void (*rollback)(struct sql *sql);   /* does nothing without an open transaction */
	/* Runs a prepared statement. Sets `rows` to the number of rows that were read or changed. */
	enum err (*run)(struct sql *sql, const struct sql_call *call, size_t *rows);
	/* Returns the current time of the database's clock. Must be called inside a transaction. */
	enum err (*clock)(struct sql *sql, moment *now);
	/* Returns the size of the database in bytes. Must be called inside a transaction. NULL: dialect->size
	 * is used instead. */
	enum err (*size)(struct sql *sql, int64_t *bytes);
	/* Reads the rows of a load plan in advance, in one round trip. NULL if that does not make the engine
	 * faster. */
	enum err (*prefetch)(struct sql *sql, enum load_plan_kind plan, const void *probe);
	/* Inserts the rows, one of each kind in new_user_record_kinds (port/record.h), and commits. Must be
	 * the first call in the transaction. Returns ERR_CONFLICT if the first row exists already; nothing is
	 * changed then. NULL if the engine does not support it. */
	enum err (*insert_new_user)(struct sql *sql, const void *const rows[NEW_USER_ROWS]);

	/* Returns what the last failure means for the transaction. Must be called before `rollback`. Sets
	 * `number` to the transaction's identification for commit_state. */
	enum tx_outcome (*outcome)(struct sql *sql, struct tx_id *number);
	enum err (*commit_state)(struct sql *sql, struct tx_id number, enum commit_state *state);

	/* Returns the length of the WAL after this connection's last commit, in pages. */
	size_t (*wal_pages)(struct sql *sql);
	/* Copies the WAL into the database, so that the next commit can write the WAL from its beginning.
	 * Only for the writing connection, outside of a transaction. */
	void (*checkpoint)(struct sql *sql);
	/* Copies as much of the WAL into the database as is possible while another connection writes. Only
	 * for a reading connection. Sets `pages_copied` to the number of pages in the WAL that are copied by
	 * now. */
	enum err (*checkpoint_passive)(struct sql *sql, size_t *pages_copied);
	/* Returns ERR_STORAGE if the files of the database were removed, replaced or overwritten since the
	 * connection was prepared; a change would then be lost. Only for the writing connection. */
	enum err (*check_files)(struct sql *sql);
	void (*close)(struct sql *sql);
};
