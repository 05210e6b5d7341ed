/* The steps of one transaction on a lane (store/postgres/tx, whose header says what is held when): what
 * travels with what, and what was seen. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "store/postgres/batch.h"
#include "store/postgres/driver.h"
#include "store/postgres/prefetch.h"
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
	struct batch *batch; /* with those beside it; NULL: none */
	const char *url;
	const struct statements *all;
	const struct load_plan_sql *plans; /* NULL: nothing is read ahead */
	struct read_set read_set;
	struct prefetch prefetch;
	struct postgres_shared *shared; /* where the foresight is; NULL: on the line */
	enum err failed;		/* of the transaction: OK until something has failed */
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

/* The steps of courses are numbered behind the statements. */
static inline size_t pg_statement_number(enum load_plan_kind plan, size_t step)
{
	return STATEMENT_COUNT + (size_t)plan * LOAD_PLAN_STEPS + step;
}
/* NULL: the statement is not run in that way. */
const char *pg_statement_text(const struct statement *s, enum statement_variant variant);
/* How the connection names it. */
void pg_statement_name(size_t which, enum statement_variant variant, char out[STATEMENT_NAME_SIZE]);
void pg_joined_name(enum load_plan_kind plan, char out[STATEMENT_NAME_SIZE]);

/* Nothing is foreseen any more. */
void pg_tx_clear_prefetch(struct pg_tx *tx);
/* What is known of the failure stays with the transaction: a work may answer something else by then. */
enum err pg_tx_fail(struct pg_tx *tx, enum err e, enum tx_outcome outcome);
/* Sends, waits and judges; what failed is noted. */
enum err pg_tx_round_trip(struct pg_tx *tx, bool committing, struct postgres_answer *answer,
	struct postgres_failure *failure) must_use;
enum err pg_tx_finish_round(struct pg_tx *tx) must_use;
void pg_tx_control(struct pg_tx *tx, enum pg_control which);
/* Steps: `run`, `expect`, `welcome` and `clock` of store/sql/driver.h. */
enum err pg_tx_step(struct pg_tx *tx, const struct sql_call *call, size_t *rows) must_use;
enum err pg_tx_prefetch(struct pg_tx *tx, enum load_plan_kind plan, const void *probe) must_use;
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS]) must_use;
enum err pg_tx_clock(struct pg_tx *tx, moment *now) must_use;
