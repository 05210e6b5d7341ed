#include "store/postgres_steps.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres_trouble.h"

/* What one step may send, and a COMMIT. */
#define ROOM_LEFT 8

/* Readers see one moment. */
const struct control_text lane_controls[CONTROLS] = {
	[BEGIN_READ] = { "br", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" },
	[BEGIN_WRITE] = { "bw", "BEGIN ISOLATION LEVEL READ COMMITTED" },
	[NUMBER] = { "n", "SELECT pg_current_xact_id()" },
	[MARK] = { "m", "SAVEPOINT job" },
	[KEEP] = { "k", "RELEASE job" },
	[BACK] = { "b", "ROLLBACK TO job" },
	[COMMIT] = { "c", "COMMIT" },
	[ROLLBACK] = { "r", "ROLLBACK" },
	[CLOCK] = { "t", "SELECT " POSTGRES_NOW },
};

const char *lane_text(const struct statement *s, enum way way)
{
	return way == WAY_HELD ? s->held : way == WAY_STRICT ? s->strict : s->text;
}

void lane_name(size_t which, enum way way, char out[NAME_SIZE])
{
	(void)snprintf(out, NAME_SIZE, "%c%zu", "phs"[way], which);
}

void lane_joined_name(enum load_plan_kind plan, char out[NAME_SIZE])
{
	(void)snprintf(out, NAME_SIZE, "j%d", (int)plan);
}

enum err lane_fail(struct lane *l, enum err e, enum fate fate)
{
	if (l->failed == OK) {
		l->failed = e;
		l->fate = fate;
	}
	return l->failed;
}

enum err lane_round_trip(
	struct lane *l, bool committing, struct postgres_answer *answer, struct postgres_failure *failure)
{
	enum fate fate;
	enum err e;

	l->awaits = false;
	if (postgres_round(l->line, answer, failure) == OK)
		return OK;
	e = postgres_trouble_judge(failure, committing, &fate);
	/* A row that was added is there already, or its unique value: next time one hears of it at once. */
	if (strcmp(failure->state, "23505") == 0)
		l->careful = true;
	return lane_fail(l, e, fate);
}

enum err lane_finish_round(struct lane *l)
{
	struct postgres_answer answer;
	struct postgres_failure failure;

	return lane_round_trip(l, false, &answer, &failure);
}

void lane_control(struct lane *l, enum control which)
{
	postgres_send(l->line, lane_controls[which].name, NULL);
}

/* The first thing in a transaction takes BEGIN along, and when it writes the question for its number: by that
 * one can ask later what became of it. */
static void open_late(struct lane *l)
{
	if (l->open)
		return;
	l->open = true;
	lane_control(l, l->writing ? BEGIN_WRITE : BEGIN_READ);
	if (!l->writing)
		return;
	lane_control(l, NUMBER);
	postgres_keep_number(l->line);
}

static void send_as(struct lane *l, enum way way, const struct statement *what, const struct sql_call *call)
{
	struct postgres_parameters parameters;
	char name[NAME_SIZE];

	lane_name(call->which, way, name);
	postgres_row_write(what, call, &parameters);
	postgres_send(l->line, name, &parameters);
}

static void send(struct lane *l, enum way way, const struct sql_call *call)
{
	open_late(l);
	send_as(l, way, &l->all->list[call->which], call);
}

/* Its columns begin with that of number `first`. */
static enum err take_rows(struct lane *l, const struct sql_call *call, const struct postgres_answer *answer,
	size_t first, bool held)
{
	const struct statement *const what = &l->all->list[call->which];
	const enum sight sight = held ? SIGHT_HELD : SIGHT_FREE;

	for (size_t row = 0; row < answer->rows; row++) {
		char *const at = (char *)call->to + row * what->size;

		for (size_t i = 0; i < what->n_out; i++)
			TRY(postgres_row_read(
				&what->out[i], postgres_value(answer, row, first + i), call->arena, at));
		if (l->writing)
			sights_put(&l->sights, what->of, at, sight);
	}
	if (l->writing && !what->paged && answer->rows == 0)
		sights_put(&l->sights, what->of, call->from, SIGHT_ABSENT);
	return OK;
}

static bool is_held(const struct lane *l, const struct statement *what)
{
	return l->writing && (l->holds_all || what->holds_at_first);
}

/* What was seen before a transaction was over and what one saw after it need not go together. */
static enum err begin_again(struct lane *l)
{
	l->stays = true;
	return lane_fail(l, ERR_BUSY, FATE_AGAIN);
}

static enum err ask(struct lane *l, const struct sql_call *call, struct postgres_answer *answer)
{
	struct postgres_failure failure;

	if (l->over)
		return begin_again(l);
	send(l, is_held(l, &l->all->list[call->which]) ? WAY_HELD : WAY_PLAIN, call);
	return lane_round_trip(l, false, answer, &failure);
}

static enum err fetch(struct lane *l, const struct sql_call *call, size_t *rows)
{
	const struct statement *const what = &l->all->list[call->which];
	struct postgres_answer answer;
	size_t first = 0;
	enum err e;

	if (!foresight_take(&l->foresight, what, call, &answer, &first))
		TRY(ask(l, call, &answer));
	assert(answer.rows <= call->limit);
	e = take_rows(l, call, &answer, first, is_held(l, what));
	if (e != OK)
		return lane_fail(l, e, FATE_FAILED);
	*rows = answer.rows;
	return OK;
}

/* With a mark before it, so that a value that is taken spoils nothing else. */
static enum err save_carefully(struct lane *l, enum way way, const struct sql_call *call)
{
	struct postgres_answer answer;
	struct postgres_failure failure;
	enum fate fate;
	enum err e;

	open_late(l);
	lane_control(l, MARK);
	send(l, way, call);
	lane_control(l, KEEP);
	if (postgres_round(l->line, &answer, &failure) == OK)
		return OK;
	e = postgres_trouble_judge(&failure, false, &fate);
	if (strcmp(failure.state, "23505") != 0 || !str_ends(str_of(failure.constraint), STR("_unique")))
		return lane_fail(l, e, fate);
	lane_control(l, BACK);
	lane_control(l, KEEP);
	TRY(lane_round_trip(l, false, &answer, &failure));
	return ERR_CONFLICT;
}

static enum err add_carefully(struct lane *l, const struct sql_call *call, size_t *rows)
{
	struct postgres_answer answer;
	struct postgres_failure failure;

	send(l, WAY_PLAIN, call);
	TRY(lane_round_trip(l, false, &answer, &failure));
	*rows = answer.changed;
	return OK;
}

static enum err change(struct lane *l, const struct sql_call *call, size_t *rows)
{
	const enum statement_kind kind = statement_kind_of(call->which);
	const enum record_kind of = l->all->list[call->which].of;
	const enum sight sight = sights_of(&l->sights, of, call->from);
	const bool strict = kind == STATEMENT_ADD || (kind == STATEMENT_SAVE && sight == SIGHT_ABSENT);
	const enum way way = strict ? WAY_STRICT : WAY_PLAIN;

	if (l->over)
		return begin_again(l);
	if (sight == SIGHT_FREE && kind != STATEMENT_ADD) {
		l->holds_all = true;
		return lane_fail(l, ERR_BUSY, FATE_AGAIN);
	}
	l->changes = true;
	foresight_spoil(&l->foresight, of);
	*rows = 1;
	if (l->careful && kind == STATEMENT_ADD)
		TRY(add_carefully(l, call, rows));
	else if (l->careful && kind == STATEMENT_SAVE)
		TRY(save_carefully(l, way, call));
	else
		send(l, way, call);
	if (*rows > 0)
		sights_put(&l->sights, of, call->from, SIGHT_HELD);
	l->awaits = true;
	return postgres_room(l->line) < ROOM_LEFT ? lane_finish_round(l) : OK;
}

/* Changes the one row that every schema has; nobody has looked at it before. */
static enum err probe(struct lane *l, const struct sql_call *call, size_t *rows)
{
	l->changes = true;
	return add_carefully(l, call, rows);
}

enum err lane_step(struct lane *l, const struct sql_call *call, size_t *rows)
{
	assert(l->all != NULL && (l->writing || l->all->list[call->which].out != NULL));
	if (l->failed != OK)
		return l->failed;
	if (l->sights.failed)
		return lane_fail(l, ERR_INTERNAL, FATE_FAILED);
	if (call->which == STATEMENT_PROBE)
		return probe(l, call, rows);
	return l->all->list[call->which].out != NULL ? fetch(l, call, rows) : change(l, call, rows);
}

static void send_steps(struct lane *l, enum load_plan_kind plan, const void *probe)
{
	open_late(l);
	for (size_t i = 0; i < load_plans[plan].n; i++) {
		const struct statement *const what = &l->all->steps[plan][i].asked;
		const struct sql_call call = { .which = lane_number(plan, i), .from = probe };

		send_as(l, is_held(l, what) ? WAY_HELD : WAY_PLAIN, what, &call);
	}
	postgres_keep(l->line, load_plans[plan].n);
}

void lane_forget(struct lane *l)
{
	foresight_forget(&l->foresight);
	if (l->shared != NULL)
		postgres_let_go(l->shared);
	l->shared = NULL;
}

static enum err ask_joined(
	struct lane *l, enum load_plan_kind plan, const void *probe, struct postgres_answer *rows)
{
	char name[NAME_SIZE];
	const struct batch_question question = { name, &l->all->joined[plan].asked, probe };
	struct postgres_failure failure;
	struct batch_answer answer;
	enum fate fate = FATE_FAILED;
	enum err e;

	lane_joined_name(plan, name);
	e = batch_ask(l->batch, &l->line, &question, &answer, &failure);
	if (e == OK) {
		l->shared = answer.shared;
		*rows = answer.rows;
		return OK;
	}
	if (e == ERR_STORAGE)
		e = postgres_trouble_judge(&failure, false, &fate);
	return lane_fail(l, e, fate);
}

/* A transaction that reads a whole course and nothing else needs neither BEGIN nor COMMIT: one statement sees
 * one moment. */
enum err lane_expect(struct lane *l, enum load_plan_kind plan, const void *probe)
{
	const bool whole = load_plans[plan].single_statement && !l->writing && !l->open && !l->stays;
	struct postgres_answer answer;
	struct postgres_failure failure;

	if (l->failed != OK || l->all == NULL)
		return l->failed;
	if (l->over)
		return begin_again(l);
	lane_forget(l);
	if (whole) {
		TRY(ask_joined(l, plan, probe, &answer));
	} else {
		send_steps(l, plan, probe);
		TRY(lane_round_trip(l, false, &answer, &failure));
	}
	foresight_begin(&l->foresight, l->line, l->all, plan, whole ? &answer : NULL, probe);
	l->over = whole;
	return OK;
}

/* What is lost on the way may stand: who runs again finds it. */
enum err lane_welcome(struct lane *l, const void *const rows[NEW_USER_ROWS])
{
	struct postgres_parameters parameters = { .n = 0 };
	struct postgres_answer answer;
	struct postgres_failure failure;

	assert(l->all != NULL && l->writing && !l->open);
	if (l->failed != OK)
		return l->failed;
	for (size_t i = 0; i < NEW_USER_ROWS; i++) {
		const struct record *const r = &records[new_user_record_kinds[i]];

		for (size_t k = 0; k < r->n; k++)
			postgres_value_write(&r->columns[k], rows[i], &parameters);
	}
	postgres_send(l->line, WELCOME_NAME, &parameters);
	TRY(lane_round_trip(l, false, &answer, &failure));
	if (answer.changed == 0)
		return ERR_CONFLICT;
	l->over = true;
	return OK;
}

enum err lane_clock(struct lane *l, moment *now)
{
	const struct column c = { "now", COLUMN_MOMENT, 0, sizeof(*now) };
	struct postgres_answer answer;
	struct postgres_failure failure;

	if (l->failed != OK)
		return l->failed;
	open_late(l);
	lane_control(l, CLOCK);
	TRY(lane_round_trip(l, false, &answer, &failure));
	return postgres_row_read(&c, postgres_value(&answer, 0, 0), NULL, now);
}
