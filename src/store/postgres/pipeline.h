/* The steps of one transaction on a lane (store/postgres/tx, whose header says what is held when): what
 * travels with what, and what was seen. */
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
	CONTROL_COUNT
};

/* Milliseconds, as it is now, not as it was when the transaction began. */
#define POSTGRES_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

struct pg_control_sql {
	const char *name, *text;
};
extern const struct pg_control_sql pg_controls[CONTROL_COUNT];

enum statement_variant { VARIANT_PLAIN, VARIANT_LOCKING, VARIANT_STRICT, VARIANT_COUNT };

#define STATEMENT_NAME_SIZE 16
#define INSERT_NEW_USER_NAME "w"

struct pg_tx {
	struct sql base;
	struct postgres *connection;
	const char *url;
	const struct statements *all;
	struct read_ahead *ahead;  /* NULL: nothing is read ahead */
	struct prefetch *prefetch; /* state of `ahead` */
	struct read_set read_set;
	enum err failed; /* of the transaction: OK until something has failed */
	enum tx_outcome outcome;
	bool open, writing;	 /* the transaction, and on the server too */
	bool has_unread_results; /* changes were sent, and not heard of */
	bool changes;		 /* something was to be changed */
	bool finished; /* all that it was expected to do was one statement, and it ended with that */
	/* Of the next run of the same work: */
	bool lock_all_reads;   /* every row that is read */
	bool check_each_write; /* waits for each change */
	bool no_autocommit;    /* open, whatever it is expected to read */
};

/* NULL: the statement is not run in that way. */
const char *pg_statement_text(const struct statement *s, enum statement_variant variant);
/* How the connection names it. */
void pg_statement_name(size_t which, enum statement_variant variant, char out[STATEMENT_NAME_SIZE]);

/* Forgets what was read ahead. */
void pg_tx_clear_prefetch(struct pg_tx *tx);
/* Sends BEGIN unless the transaction is open on the server. */
void pg_tx_open_late(struct pg_tx *tx);
/* Sends a statement as `call->which`; `what` describes its parameters. */
void pg_tx_send(struct pg_tx *tx, enum statement_variant variant, const struct statement *what,
	const struct sql_call *call);
/* Are the rows that the statement reads locked? */
bool pg_tx_is_locking(const struct pg_tx *tx, const struct statement *what);
/* The read-only statement that the transaction was expected to be is over, and there is more to do: what was
 * read before and what is read now may not belong together. Runs the work again, in a transaction. */
enum err pg_tx_begin_again(struct pg_tx *tx);
/* Prepares a statement in each variant that it has; only the reading ones unless `writing`. */
enum err pg_tx_prepare_statement(
	struct pg_tx *tx, size_t which, const struct statement *s, bool writing) must_use;
/* What is known of the failure stays with the transaction: a work may answer something else by then. */
enum err pg_tx_fail(struct pg_tx *tx, enum err e, enum tx_outcome outcome);
/* Sends, waits and judges; what failed is noted. */
enum err pg_tx_round_trip(struct pg_tx *tx, bool committing, struct postgres_answer *answer,
	struct postgres_failure *failure) must_use;
enum err pg_tx_finish_round(struct pg_tx *tx) must_use;
void pg_tx_control(struct pg_tx *tx, enum pg_control which);
/* Steps: `run`, `expect`, `welcome` and `clock` of store/sql/driver.h. */
enum err pg_tx_step(struct pg_tx *tx, const struct sql_call *call, size_t *rows) must_use;
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS]) must_use;
enum err pg_tx_clock(struct pg_tx *tx, moment *now) must_use;
