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

/* The current time in milliseconds; now() would be the time when the transaction began. */
#define POSTGRES_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

struct pg_control_sql {
	const char *name, *text; /* `name`: of the prepared statement */
};
extern const struct pg_control_sql pg_controls[CONTROL_COUNT];

/* Which text of a struct statement is run. */
enum statement_variant { VARIANT_PLAIN, VARIANT_LOCKING, VARIANT_STRICT, VARIANT_COUNT };

#define STATEMENT_NAME_SIZE 16
#define INSERT_NEW_USER_NAME "w"

struct pg_tx {
	struct sql base;
	struct postgres *connection;
	const char *url;
	const struct statements *all; /* NULL: not prepared; only scripts can be run */
	struct read_ahead *ahead;     /* NULL: no read-ahead */
	struct prefetch *prefetch;    /* the connection's state of `ahead` */
	struct read_set read_set;
	enum err failed;	 /* the first error of the transaction, or OK */
	enum tx_outcome outcome; /* of `failed` */
	bool open;		 /* BEGIN was sent */
	bool writing;
	bool has_unread_results; /* writes were sent whose results have not been received */
	bool changes;		 /* a write was sent */
	bool finished; /* the transaction was a single statement without BEGIN, which has been run */
	/* How the next attempt of the same work is run, after TX_RETRY: */
	bool lock_all_reads;   /* reads lock every row */
	bool check_each_write; /* writes are waited for */
	bool no_autocommit;    /* no single statement in place of a transaction */
};

/* NULL: the statement does not have this variant. */
const char *pg_statement_text(const struct statement *s, enum statement_variant variant);
/* Name under which the statement is prepared. */
void pg_statement_name(size_t which, enum statement_variant variant, char out[STATEMENT_NAME_SIZE]);

/* Drops the results that were read ahead. */
void pg_tx_clear_prefetch(struct pg_tx *tx);
/* Sends BEGIN unless it was sent. */
void pg_tx_ensure_begun(struct pg_tx *tx);
/* Sends the prepared statement `call->statement`, whose parameters `what` describes. */
void pg_tx_send(struct pg_tx *tx, enum statement_variant variant, const struct statement *what,
	const struct sql_call *call);
/* Reports whether the statement locks the rows that it reads. */
bool pg_tx_is_locking(const struct pg_tx *tx, const struct statement *what);
/* For a call after a single statement that was run without BEGIN (`finished`): the rows that it read and
 * those of the call may come from different snapshots. Fails with TX_RETRY; the next attempt uses a
 * transaction. */
enum err pg_tx_retry_in_transaction(struct pg_tx *tx);
/* Prepares a statement in each of its variants; without `writing` only the plain variant, if it reads. */
enum err pg_tx_prepare_statement(
	struct pg_tx *tx, size_t which, const struct statement *s, bool writing) must_use;
/* Stores the first failure in the transaction, and returns it. Later calls return the same failure: the work
 * may have ignored it, or turned it into another error. */
enum err pg_tx_fail(struct pg_tx *tx, enum err e, enum tx_outcome outcome);
/* Sends the statements and waits for all results. A failure is diagnosed and stored in the transaction.
 * `committing`: the last statement is COMMIT. */
enum err pg_tx_round_trip(struct pg_tx *tx, bool committing, struct postgres_result *result,
	struct postgres_failure *failure) must_use;
/* The same, without returning the result. */
enum err pg_tx_finish_round_trip(struct pg_tx *tx) must_use;
void pg_tx_control(struct pg_tx *tx, enum pg_control which);
/* `run`, `insert_new_user`, `clock` and `size` of store/sql/driver.h. */
enum err pg_tx_run_call(struct pg_tx *tx, const struct sql_call *call, size_t *rows) must_use;
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS]) must_use;
enum err pg_tx_clock(struct pg_tx *tx, moment *now) must_use;
enum err pg_tx_size(struct pg_tx *tx, int64_t *bytes) must_use;
