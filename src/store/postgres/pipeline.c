#include "store/postgres/pipeline.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres/diagnosis.h"

/* What one step may send, and a COMMIT. */
#define ROOM_LEFT 8

/* Readers see one moment. */
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

	if (!writing && s->out == NULL)
		return OK;
	for (int way = 0; way < (writing ? VARIANT_COUNT : VARIANT_LOCKING); way++) {
		if (pg_statement_text(s, (enum statement_variant)way) == NULL)
			continue;
		pg_statement_name(which, (enum statement_variant)way, name);
		postgres_prepare(tx->connection, name, pg_statement_text(s, (enum statement_variant)way));
	}
	return postgres_room(tx->connection) < VARIANT_COUNT ? pg_tx_finish_round(tx) : OK;
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
	struct pg_tx *tx, bool committing, struct postgres_answer *answer, struct postgres_failure *failure)
{
	enum tx_outcome outcome;
	enum err e;

	tx->has_unread_results = false;
	if (postgres_round(tx->connection, answer, failure) == OK)
		return OK;
	e = postgres_diagnose(failure, committing, &outcome);
	/* A row that was added is there already, or its unique value: next time one hears of it at once. */
	if (strcmp(failure->sqlstate, "23505") == 0)
		tx->check_each_write = true;
	return pg_tx_fail(tx, e, outcome);
}

enum err pg_tx_finish_round(struct pg_tx *tx)
{
	struct postgres_answer answer;
	struct postgres_failure failure;

	return pg_tx_round_trip(tx, false, &answer, &failure);
}

void pg_tx_control(struct pg_tx *tx, enum pg_control which)
{
	postgres_send(tx->connection, pg_controls[which].name, NULL);
}

/* The first thing in a transaction takes BEGIN along, and when it writes the question for its number: by that
 * one can ask later what became of it. */
void pg_tx_open_late(struct pg_tx *tx)
{
	if (tx->open)
		return;
	tx->open = true;
	pg_tx_control(tx, tx->writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ);
	if (!tx->writing)
		return;
	pg_tx_control(tx, CONTROL_TXID);
	postgres_keep_txid(tx->connection);
}

void pg_tx_send(struct pg_tx *tx, enum statement_variant variant, const struct statement *what,
	const struct sql_call *call)
{
	struct postgres_parameters parameters;
	char name[STATEMENT_NAME_SIZE];

	pg_statement_name(call->which, variant, name);
	postgres_row_write(what, call, &parameters);
	postgres_send(tx->connection, name, &parameters);
}

static void send(struct pg_tx *tx, enum statement_variant variant, const struct sql_call *call)
{
	pg_tx_open_late(tx);
	pg_tx_send(tx, variant, &tx->all->list[call->which], call);
}

/* Its columns begin with that of number `first`. */
static enum err take_rows(struct pg_tx *tx, const struct sql_call *call, const struct postgres_answer *answer,
	size_t first, bool held)
{
	const struct statement *const what = &tx->all->list[call->which];
	const enum read_state state = held ? READ_LOCKED : READ_UNLOCKED;

	for (size_t row = 0; row < answer->rows; row++) {
		char *const at = (char *)call->to + row * what->size;

		for (size_t i = 0; i < what->n_out; i++)
			TRY(postgres_row_read(
				&what->out[i], postgres_value(answer, row, first + i), call->arena, at));
		if (tx->writing)
			read_set_put(&tx->read_set, what->of, at, state);
	}
	if (tx->writing && !what->paged && answer->rows == 0)
		read_set_put(&tx->read_set, what->of, call->from, READ_MISSING);
	return OK;
}

bool pg_tx_is_locking(const struct pg_tx *tx, const struct statement *what)
{
	return tx->writing && (tx->lock_all_reads || what->locks_by_default);
}

enum err pg_tx_begin_again(struct pg_tx *tx)
{
	tx->no_autocommit = true;
	return pg_tx_fail(tx, ERR_BUSY, TX_RETRY);
}

static enum err ask(struct pg_tx *tx, const struct sql_call *call, struct postgres_answer *answer)
{
	struct postgres_failure failure;

	if (tx->finished)
		return pg_tx_begin_again(tx);
	send(tx, pg_tx_is_locking(tx, &tx->all->list[call->which]) ? VARIANT_LOCKING : VARIANT_PLAIN, call);
	return pg_tx_round_trip(tx, false, answer, &failure);
}

static enum err fetch(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	const struct statement *const what = &tx->all->list[call->which];
	struct postgres_answer answer;
	size_t first = 0;
	enum err e;

	if (tx->ahead == NULL || !tx->ahead->ops->take(tx, what, call, &answer, &first))
		TRY(ask(tx, call, &answer));
	assert(answer.rows <= call->limit);
	e = take_rows(tx, call, &answer, first, pg_tx_is_locking(tx, what));
	if (e != OK)
		return pg_tx_fail(tx, e, TX_FAILED);
	*rows = answer.rows;
	return OK;
}

/* With a mark before it, so that a value that is taken spoils nothing else. */
static enum err save_carefully(struct pg_tx *tx, enum statement_variant variant, const struct sql_call *call)
{
	struct postgres_answer answer;
	struct postgres_failure failure;
	enum tx_outcome outcome;
	enum err e;

	pg_tx_open_late(tx);
	pg_tx_control(tx, CONTROL_SAVEPOINT);
	send(tx, variant, call);
	pg_tx_control(tx, CONTROL_RELEASE);
	if (postgres_round(tx->connection, &answer, &failure) == OK)
		return OK;
	e = postgres_diagnose(&failure, false, &outcome);
	if (strcmp(failure.sqlstate, "23505") != 0 || !str_ends(str_of(failure.constraint), STR("_unique")))
		return pg_tx_fail(tx, e, outcome);
	pg_tx_control(tx, CONTROL_ROLLBACK_TO);
	pg_tx_control(tx, CONTROL_RELEASE);
	TRY(pg_tx_round_trip(tx, false, &answer, &failure));
	return ERR_CONFLICT;
}

static enum err add_carefully(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	struct postgres_answer answer;
	struct postgres_failure failure;

	send(tx, VARIANT_PLAIN, call);
	TRY(pg_tx_round_trip(tx, false, &answer, &failure));
	*rows = answer.changed;
	return OK;
}

static enum err change(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	const enum statement_kind kind = statement_kind_of(call->which);
	const enum record_kind of = tx->all->list[call->which].of;
	const enum read_state state = read_set_get(&tx->read_set, of, call->from);
	const bool strict = kind == STATEMENT_ADD || (kind == STATEMENT_SAVE && state == READ_MISSING);
	const enum statement_variant variant = strict ? VARIANT_STRICT : VARIANT_PLAIN;

	if (tx->finished)
		return pg_tx_begin_again(tx);
	if (state == READ_UNLOCKED && kind != STATEMENT_ADD) {
		tx->lock_all_reads = true;
		return pg_tx_fail(tx, ERR_BUSY, TX_RETRY);
	}
	tx->changes = true;
	if (tx->ahead != NULL)
		tx->ahead->ops->invalidate(tx, of);
	*rows = 1;
	if (tx->check_each_write && kind == STATEMENT_ADD)
		TRY(add_carefully(tx, call, rows));
	else if (tx->check_each_write && kind == STATEMENT_SAVE)
		TRY(save_carefully(tx, variant, call));
	else
		send(tx, variant, call);
	if (*rows > 0)
		read_set_put(&tx->read_set, of, call->from, READ_LOCKED);
	tx->has_unread_results = true;
	return postgres_room(tx->connection) < ROOM_LEFT ? pg_tx_finish_round(tx) : OK;
}

/* Changes the one row that every schema has; nobody has looked at it before. */
static enum err probe(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	tx->changes = true;
	return add_carefully(tx, call, rows);
}

enum err pg_tx_step(struct pg_tx *tx, const struct sql_call *call, size_t *rows)
{
	assert(tx->all != NULL && (tx->writing || tx->all->list[call->which].out != NULL));
	if (tx->failed != OK)
		return tx->failed;
	if (tx->read_set.failed)
		return pg_tx_fail(tx, ERR_INTERNAL, TX_FAILED);
	if (call->which == STATEMENT_PROBE)
		return probe(tx, call, rows);
	return tx->all->list[call->which].out != NULL ? fetch(tx, call, rows) : change(tx, call, rows);
}

void pg_tx_clear_prefetch(struct pg_tx *tx)
{
	if (tx->ahead != NULL && tx->prefetch != NULL)
		tx->ahead->ops->clear(tx);
}

/* What is lost on the way may stand: who runs again finds it. */
enum err pg_tx_insert_new_user(struct pg_tx *tx, const void *const rows[NEW_USER_ROWS])
{
	struct postgres_parameters parameters = { .n = 0 };
	struct postgres_answer answer;
	struct postgres_failure failure;

	assert(tx->all != NULL && tx->writing && !tx->open);
	if (tx->failed != OK)
		return tx->failed;
	for (size_t i = 0; i < NEW_USER_ROWS; i++) {
		const struct record *const r = &records[new_user_record_kinds[i]];

		for (size_t k = 0; k < r->n; k++)
			postgres_value_write(&r->columns[k], rows[i], &parameters);
	}
	postgres_send(tx->connection, INSERT_NEW_USER_NAME, &parameters);
	TRY(pg_tx_round_trip(tx, false, &answer, &failure));
	if (answer.changed == 0)
		return ERR_CONFLICT;
	tx->finished = true;
	return OK;
}

enum err pg_tx_clock(struct pg_tx *tx, moment *now)
{
	const struct column c = { "now", COLUMN_MOMENT, 0, sizeof(*now) };
	struct postgres_answer answer;
	struct postgres_failure failure;

	if (tx->failed != OK)
		return tx->failed;
	pg_tx_open_late(tx);
	pg_tx_control(tx, CONTROL_CLOCK);
	TRY(pg_tx_round_trip(tx, false, &answer, &failure));
	return postgres_row_read(&c, postgres_value(&answer, 0, 0), NULL, now);
}
