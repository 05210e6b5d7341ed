/* Runs the statements of one transaction: decides which statements are sent together in one round trip, which
 * reads lock their rows, and when the transaction has to be run again. The rules are in store/postgres/tx.h,
 * whose driver calls these functions. Used by one thread per connection. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/postgres/driver.h"
#include "store/postgres/read_ahead.h"
#include "store/postgres/read_set.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

enum pg_control {
	CONTROL_BEGIN_READ,
	CONTROL_BEGIN_WRITE,
	CONTROL_TXID,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_ROLLBACK_TO,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_CLOCK,
	CONTROL_SIZE,
	CONTROL_COUNT
};

/* SQL expression: the current time in milliseconds. now() would return the time when the transaction
 * began. */
#define POSTGRES_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

struct pg_control_sql {
	const char *name, *text; /* `name`: of the prepared statement */
};
extern const struct pg_control_sql pg_controls[CONTROL_COUNT];

/* Which text of a struct statement is sent. */
enum statement_variant { VARIANT_PLAIN, VARIANT_LOCKING, VARIANT_STRICT, VARIANT_COUNT };

#define STATEMENT_NAME_SIZE 16
#define INSERT_NEW_USER_NAME "w"

struct pg_tx {
	struct sql base;
	struct postgres *connection;
	const char *url;
	const struct statements *all; /* NULL: no statements are prepared, so only scripts can be run */
	struct read_ahead *ahead;     /* NULL: no read-ahead */
	struct prefetch *prefetch;    /* the connection's state of `ahead` */
	struct read_set read_set;
	enum err failed;	 /* the first error in the transaction, or OK */
	enum tx_outcome outcome; /* of `failed` */
	bool open;		 /* BEGIN was sent */
	bool writing;
	bool has_unread_results; /* writes were sent, and their results have not been received */
	bool changes;		 /* a write was sent */
	/* The transaction was a single statement without BEGIN, and that statement has been run. */
	bool finished;
	/* The next three members state how the next attempt of the same work must run after TX_RETRY. */
	bool lock_all_reads;   /* reads lock every row */
	bool check_each_write; /* writes are waited for */
	bool no_autocommit;    /* a single statement must not replace the transaction */
};

/* Returns the SQL text of a variant, or NULL if the statement does not have that variant. */
const char *pg_statement_text(const struct statement *s, enum statement_variant variant);
/* Writes the name under which statement number `which` is prepared. */
void pg_statement_name(size_t which, enum statement_variant variant, char out[STATEMENT_NAME_SIZE]);

/* Discards the results that were read ahead. */
void pg_tx_clear_prefetch(struct pg_tx *tx);
/* Sends BEGIN if it was not sent yet. */
void pg_tx_ensure_begun(struct pg_tx *tx);
/* Sends the prepared statement `call->statement`, whose parameters `what` describes. */
void pg_tx_send(struct pg_tx *tx, enum statement_variant variant, const struct statement *what,
	const struct sql_call *call);
/* Reports whether the statement locks the rows that it reads. */
bool pg_tx_is_locking(const struct pg_tx *tx, const struct statement *what);
/* Handles a call after a single statement that was run without BEGIN (`finished`). The rows of that statement
 * and those of the call may come from different snapshots, so this fails with TX_RETRY. The next attempt uses
 * a transaction. */
enum err pg_tx_retry_in_transaction(struct pg_tx *tx);
/* Prepares a statement in each of its variants. If `writing` is false, prepares only the plain variant, and
 * only of a statement that reads. */
enum err pg_tx_prepare_statement(
	struct pg_tx *tx, size_t which, const struct statement *s, bool writing) must_use;
/* Stores a failure in the transaction if it is the first one, and returns the first one. Later calls on the
 * transaction return it as well, because the work may have ignored it or changed it into another error. */
enum err pg_tx_fail(struct pg_tx *tx, enum err e, enum tx_outcome outcome);
/* Sends the statements and waits for all results. Diagnoses a failure and stores it in the transaction.
 * `committing` is true if the last statement is COMMIT. */
enum err pg_tx_round_trip(struct pg_tx *tx, bool committing, struct postgres_result *result,
	struct postgres_failure *failure) must_use;
/* Does the same as pg_tx_round_trip without returning a result. The last statement must not be COMMIT. */
enum err pg_tx_finish_round_trip(struct pg_tx *tx) must_use;
void pg_tx_control(struct pg_tx *tx, enum pg_control which);
/* These functions implement `run`, `insert_new_user`, `clock` and `size` of store/sql/driver.h. */
enum err pg_tx_run_call(struct pg_tx *tx, const struct sql_call *call, size_t *rows) must_use;
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS]) must_use;
enum err pg_tx_clock(struct pg_tx *tx, moment *now) must_use;
enum err pg_tx_size(struct pg_tx *tx, int64_t *bytes) must_use;
