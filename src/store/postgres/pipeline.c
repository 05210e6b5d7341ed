#include "store/postgres/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres/diagnosis.h"

/* Maximum number of statements that one call and the final COMMIT send. If fewer can still be sent on the
 * connection, the results are received first. */
#define SENDS_RESERVED 8

/* Control statements. A reading transaction uses REPEATABLE READ, so all of its reads see the same
 * snapshot. */
const struct pg_control_sql pg_controls[CONTROL_COUNT] = {
	[CONTROL_BEGIN_READ] = { "br", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" },
	[CONTROL_BEGIN_WRITE] = { "bw", "BEGIN ISOLATION LEVEL READ COMMITTED" },
	[CONTROL_TXID] = { "n", "SELECT pg_current_xact_id()" },
	[CONTROL_SAVEPOINT] = { "m", "SAVEPOINT job" },
	[CONTROL_RELEASE] = { "k", "RELEASE job" },
	[CONTROL_ROLLBACK_TO] = { "b", "ROLLBACK TO job" },
	[CONTROL_COMMIT] = { "c", "COMMIT" },
	[CONTROL_ROLLBACK] = { "r", "ROLLBACK" },
	[CONTROL_CLOCK] = { "t", "SELECT " POSTGRES_NOW },
	[CONTROL_SIZE] = { "z", "SELECT pg_database_size(current_database())" },
};

const char *pg_statement_text(const struct statement *s, enum statement_variant variant)
{
	return variant == VARIANT_LOCKING ? s->locking : variant == VARIANT_STRICT ? s->strict : s->text;
}

void pg_statement_name(size_t which, enum statement_variant variant, char out[STATEMENT_NAME_SIZE])
{
	(void)snprintf(out, STATEMENT_NAME_SIZE, "%c%zu", "phs"[variant], which);
}

enum err pg_tx_prepare_statement(struct pg_tx *tx, size_t which, const struct statement *s, bool writing)
{
	char name[STATEMENT_NAME_SIZE];

	if (s->text == NULL || s->single_writer || (!writing && s->out == NULL))
		return OK;
	for (int variant = 0; variant < (writing ? VARIANT_COUNT : VARIANT_LOCKING); variant++) {
		if (pg_statement_text(s, (enum statement_variant)variant) == NULL)
			continue;
		pg_statement_name(which, (enum statement_variant)variant, name);
		postgres_prepare(tx->connection, name, pg_statement_text(s, (enum statement_variant)variant));
	}
	return postgres_sends_left(tx->connection) < VARIANT_COUNT ? pg_tx_finish_round_trip(tx) : OK;
}

enum err pg_tx_fail(struct pg_tx *tx, enum err e, enum tx_outcome outcome)
{
	if (tx->failed == OK) {
		tx->failed = e;
		tx->outcome = outcome;
	}
	return tx->failed;
}

enum err pg_tx_round_trip(
	struct pg_tx *tx, bool committing, struct postgres_result *result, struct postgres_failure *failure)
{
	enum tx_outcome outcome;
	enum err e;

	tx->has_unread_results = false;
	if (postgres_round_trip(tx->connection, result, failure) == OK)
		return OK;
	e = postgres_diagnose(failure, committing, &outcome);
	/* unique_violation: an added row or a unique value existed already. The next attempt waits for the
	 * result of each write, so the use case gets the error of the write that failed. */
	if (strcmp(failure->sqlstate, "23505") == 0)
		tx->check_each_write = true;
	return pg_tx_fail(tx, e, outcome);
}

enum err pg_tx_finish_round_trip(struct pg_tx *tx)
{
	struct postgres_result result;
	struct postgres_failure failure;

	return pg_tx_round_trip(tx, false, &result, &failure);
}

void pg_tx_control(struct pg_tx *tx, enum pg_control which)
{
	postgres_send(tx->connection, pg_controls[which].name, NULL);
}

/* Sends BEGIN if it was not sent yet. For a writing transaction also queries its number: if the connection is
 * lost during COMMIT, the store needs it to find out whether the transaction was committed. */
void pg_tx_ensure_begun(struct pg_tx *tx)
{
	if (tx->open)
		return;
	tx->open = true;
	pg_tx_control(tx, tx->writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ);
	if (!tx->writing)
		return;
	pg_tx_control(tx, CONTROL_TXID);
	postgres_keep_number(tx->connection);
}

void pg_tx_send(struct pg_tx *tx, enum statement_variant variant, const struct statement *what,
	const struct sql_call *call)
{
	struct postgres_parameters parameters;
	char name[STATEMENT_NAME_SIZE];

	pg_statement_name(call->statement, variant, name);
	postgres_row_write(what, call, &parameters);
	postgres_send(tx->connection, name, &parameters);
}

static void send_call(struct pg_tx *tx, enum statement_variant variant, const struct sql_call *call)
{
	pg_tx_ensure_begun(tx);
	pg_tx_send(tx, variant, &tx->all->list[call->statement], call);
}

bool pg_tx_is_locking(const struct pg_tx *tx, const struct statement *what)
{
	return tx->writing && (tx->lock_all_reads || what->locks_by_default);
}

/* A row of a result. `first` is the column that has the first of the call's columns. */
struct result_row {
	const struct postgres_result *result;
	size_t row, first;
};

static enum err read_row(const struct statement *what, const struct sql_call *call,
	const struct result_row *source, char *at, struct stored_row *stored)
{
	*stored = (struct stored_row){ .misfit = false };
	for (size_t i = 0; i < what->n_out; i++) {
		const struct str value = postgres_value(source->result, source->row, source->first + i);
		enum err e = OK;

		if (what->out[i].kind == COLUMN_MAC)
			stored->mac = value;
		else
			e = postgres_row_read(&what->out[i], value, call->arena, at);
		stored->misfit |= e == ERR_STORAGE;
		if (e != OK && e != ERR_STORAGE)
			return e;
	}
	return OK;
}

/* Stores the rows of a result in `call->out` and in the read set, and sets `*rows` to their number. `first`
 * is the column of the result that has the first of the call's columns. */
static enum err read_rows(struct pg_tx *tx, const struct sql_call *call, const struct postgres_result *result,
	size_t first, size_t *rows)
{
	const struct statement *const what = &tx->all->list[call->statement];
	const enum read_state state = pg_tx_is_locking(tx, what) ? READ_LOCKED : READ_UNLOCKED;
	struct stored_row stored;
	bool kept;

	*rows = 0;
	for (size_t row = 0; row < result->rows && *rows < call->limit; row++) {
		char *const at = (char *)call->out + *rows * what->size;

		TRY(read_row(what, call, &(struct result_row){ result, row, first }, at, &stored));
		TRY(row_mac_judge(call, what, at, &stored, *rows, &kept));
		if (tx->writing && kept)
			read_set_put(&tx->read_set, what->of, at, state);
		*rows += kept;
	}
	if (tx->writing && !what->paged && result->rows == 0)
		read_set_put(&tx->read_set, what->of, call->parameters, READ_MISSING);
	return OK;
}

enum err pg_tx_retry_in_transaction(struct pg_tx *tx)
{
	tx->no_autocommit = true;
	return pg_tx_fail(tx, ERR_BUSY, TX_RETRY);
}

static enum err send_and_wait(struct pg_tx *tx, const struct sql_call *call, struct postgres_result *result)
{
	struct postgres_failure failure;

	if (tx->finished)
		return pg_tx_retry_in_transaction(tx);
	send_call(tx, pg_tx_is_locking(tx, &tx->all->list[call->statement]) ? VARIANT_LOCKING : VARIANT_PLAIN,
		call);
	return pg_tx_round_trip(tx, false, result, &failure);
}

static enum err run_read(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	const struct statement *const what = &tx->all->list[call->statement];
	struct postgres_result result;
	size_t first = 0;
	enum err e;

	if (tx->ahead == NULL || !tx->ahead->ops->take(tx, what, call, &result, &first))
		TRY(send_and_wait(tx, call, &result));
	assert(result.rows <= call->limit + call->extra);
	e = read_rows(tx, call, &result, first, rows);
	/* After a forged row the transaction can go on: workers step over it. */
	return e == OK || e == ERR_INTEGRITY ? e : pg_tx_fail(tx, e, TX_FAILED);
}

/* Saves a row after a savepoint. Returns ERR_CONFLICT if a unique value exists already; the transaction can
 * then continue, because only the save is rolled back. */
static enum err save_with_savepoint(
	struct pg_tx *tx, enum statement_variant variant, const struct sql_call *call)
{
	struct postgres_result result;
	struct postgres_failure failure;
	enum tx_outcome outcome;
	enum err e;

	pg_tx_ensure_begun(tx);
	pg_tx_control(tx, CONTROL_SAVEPOINT);
	send_call(tx, variant, call);
	pg_tx_control(tx, CONTROL_RELEASE);
	if (postgres_round_trip(tx->connection, &result, &failure) == OK)
		return OK;
	e = postgres_diagnose(&failure, false, &outcome);
	if (strcmp(failure.sqlstate, "23505") != 0 || !str_ends(str_of(failure.constraint), STR("_unique")))
		return pg_tx_fail(tx, e, outcome);
	pg_tx_control(tx, CONTROL_ROLLBACK_TO);
	pg_tx_control(tx, CONTROL_RELEASE);
	TRY(pg_tx_round_trip(tx, false, &result, &failure));
	return ERR_CONFLICT;
}

/* Sends a write and waits for its result. Sets `*rows` to 0 if the row exists already. */
static enum err write_and_wait(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	struct postgres_result result;
	struct postgres_failure failure;

	send_call(tx, VARIANT_PLAIN, call);
	TRY(pg_tx_round_trip(tx, false, &result, &failure));
	*rows = result.changed;
	return OK;
}

static enum err run_write(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	const enum statement_kind kind = statement_kind_of(call->statement);
	const enum record_kind of = tx->all->list[call->statement].of;
	const enum read_state state = read_set_get(&tx->read_set, of, call->parameters);
	const bool strict = kind == STATEMENT_ADD || (kind == STATEMENT_SAVE && state == READ_MISSING);
	const enum statement_variant variant = strict ? VARIANT_STRICT : VARIANT_PLAIN;

	if (tx->finished)
		return pg_tx_retry_in_transaction(tx);
	/* Without a lock, another transaction may have changed the row since this one read it. */
	if (state == READ_UNLOCKED && kind != STATEMENT_ADD) {
		tx->lock_all_reads = true;
		return pg_tx_fail(tx, ERR_BUSY, TX_RETRY);
	}
	tx->changes = true;
	if (tx->ahead != NULL)
		tx->ahead->ops->invalidate(tx, of);
	*rows = 1;
	if (tx->check_each_write && kind == STATEMENT_ADD)
		TRY(write_and_wait(tx, call, rows));
	else if (tx->check_each_write && kind == STATEMENT_SAVE)
		TRY(save_with_savepoint(tx, variant, call));
	else
		send_call(tx, variant, call);
	if (*rows > 0)
		read_set_put(&tx->read_set, of, call->parameters, READ_LOCKED);
	tx->has_unread_results = true;
	return postgres_sends_left(tx->connection) < SENDS_RESERVED ? pg_tx_finish_round_trip(tx) : OK;
}

/* Writes a row that every database has, to test that writes succeed. Does not use the read set. */
static enum err run_probe(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	tx->changes = true;
	return write_and_wait(tx, call, rows);
}

enum err pg_tx_run_call(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	assert(tx->all != NULL && (tx->writing || tx->all->list[call->statement].out != NULL));
	if (tx->failed != OK)
		return tx->failed;
	if (tx->read_set.failed)
		return pg_tx_fail(tx, ERR_INTERNAL, TX_FAILED);
	if (call->statement == STATEMENT_PROBE)
		return run_probe(tx, call, rows);
	return tx->all->list[call->statement].out != NULL ? run_read(tx, call, rows)
							  : run_write(tx, call, rows);
}

void pg_tx_clear_prefetch(struct pg_tx *tx)
{
	if (tx->ahead != NULL && tx->prefetch != NULL)
		tx->ahead->ops->clear(tx);
}

/* If the connection is lost, it is unknown whether the user was inserted. The next attempt shows it, because
 * inserting the same rows returns ERR_CONFLICT if they exist. */
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS])
{
	struct postgres_parameters parameters = { .n = 0 };
	struct postgres_result result;
	struct postgres_failure failure;

	assert(tx->all != NULL && tx->writing && !tx->open);
	if (tx->failed != OK)
		return tx->failed;
	for (size_t i = 0; i < NEW_USER_ROWS; i++) {
		const struct record *const r = &records[new_user_record_kinds[i]];

		for (size_t k = 0; k < r->n; k++) {
			if (r->columns[k].kind == COLUMN_MAC)
				postgres_mac_write(
					&tx->all->row_key, new_user_record_kinds[i], rows[i], &parameters);
			else
				postgres_value_write(&r->columns[k], rows[i], &parameters);
		}
	}
	postgres_send(tx->connection, INSERT_NEW_USER_NAME, &parameters);
	TRY(pg_tx_round_trip(tx, false, &result, &failure));
	if (result.changed == 0)
		return ERR_CONFLICT;
	tx->finished = true;
	return OK;
}

/* Runs a control statement that returns one value, and stores the value in `out`. `c` describes it. */
static enum err query_control(struct pg_tx *tx, enum pg_control which, const struct column *c, void *out)
{
	struct postgres_result result;
	struct postgres_failure failure;

	if (tx->failed != OK)
		return tx->failed;
	pg_tx_ensure_begun(tx);
	pg_tx_control(tx, which);
	TRY(pg_tx_round_trip(tx, false, &result, &failure));
	return postgres_row_read(c, postgres_value(&result, 0, 0), NULL, out);
}

enum err pg_tx_clock(struct pg_tx *tx, moment *now)
{
	const struct column c = { "now", COLUMN_MOMENT, 0, sizeof(*now) };

	return query_control(tx, CONTROL_CLOCK, &c, now);
}

enum err pg_tx_size(struct pg_tx *tx, int64_t *bytes)
{
	const struct column c = { "size", COLUMN_INT, 0, sizeof(*bytes) };

	return query_control(tx, CONTROL_SIZE, &c, bytes);
}
