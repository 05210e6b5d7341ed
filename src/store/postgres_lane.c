#include "store/postgres_lane.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "store/postgres_steps.h"
#include "store/postgres_trouble.h"

static const struct sql_ops lane_ops;

static const struct dialect postgres_dialect = {
	.text = "TEXT COLLATE \"C\"",
	.bytes = "BYTEA",
	.integer = "BIGINT",
	.strict = "",
	.now = POSTGRES_NOW,
	.count_tables = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()",
	.count_steps = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
		       " AND tablename = 'schema_steps'",
	.count_marks = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
		       " AND tablename = '" COPY_MARK "'",
	.alone = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7741125)) AS held",
};

/* Statistics begin anew with every start after a crash, as PostgreSQL's manual says of them, and the first
 * letters of the log's name with every server that takes the place of another. */
#define LIFE                                                                                                 \
	"hashtextextended(concat(extract(epoch FROM stats_reset), CASE WHEN NOT pg_is_in_recovery()"         \
	" THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END), 0)"

static struct lane *mine(struct sql *sql)
{
	assert(sql->ops == &lane_ops);
	return container_of(sql, struct lane, base);
}

/* Of an errand, outside of rounds. */
static enum err judge(struct lane *l, enum err e, const struct postgres_failure *failure)
{
	enum fate fate;

	if (e != ERR_STORAGE)
		return e;
	e = postgres_trouble_judge(failure, false, &fate);
	return lane_fail(l, e, fate);
}

static enum err lane_script(struct sql *sql, const char *text)
{
	struct postgres_failure failure;

	return judge(mine(sql), postgres_script(mine(sql)->line, text, &failure), &failure);
}

static enum err lane_ask(struct sql *sql, const char *text, int64_t *number)
{
	struct postgres_failure failure;

	return judge(mine(sql), postgres_ask(mine(sql)->line, text, number, &failure), &failure);
}

static enum err prepare_ways(struct lane *l, size_t which, const struct statement *s, bool writing)
{
	char name[NAME_SIZE];

	if (!writing && s->out == NULL)
		return OK;
	for (int way = 0; way < (writing ? WAYS : WAY_HELD); way++) {
		if (lane_text(s, (enum way)way) == NULL)
			continue;
		lane_name(which, (enum way)way, name);
		postgres_prepare(l->line, name, lane_text(s, (enum way)way));
	}
	return postgres_room(l->line) < WAYS ? lane_finish_round(l) : OK;
}

static void prepare_joins(struct lane *l)
{
	char name[NAME_SIZE];

	for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
		lane_joined_name((enum load_plan_kind)c, name);
		if (load_plans[c].single_statement)
			postgres_prepare(l->line, name, l->all->joined[c].asked.text);
	}
}

static enum err lane_prepare(struct sql *sql, const struct statements *all, bool writing)
{
	struct lane *const l = mine(sql);

	assert(l->all == NULL);
	l->all = all;
	l->failed = OK;
	for (size_t i = 0; i < CONTROLS; i++)
		postgres_prepare(l->line, lane_controls[i].name, lane_controls[i].text);
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		TRY(prepare_ways(l, i, &all->list[i], writing));
	for (size_t p = 0; p < LOAD_PLAN_COUNT; p++) {
		for (size_t i = 0; i < load_plans[p].n; i++)
			TRY(prepare_ways(
				l, lane_number((enum load_plan_kind)p, i), &all->steps[p][i].asked, writing));
	}
	prepare_joins(l);
	if (writing)
		postgres_prepare(l->line, WELCOME_NAME, all->welcome);
	postgres_send_text(l->line, "SELECT " LIFE " FROM pg_catalog.pg_stat_wal");
	postgres_keep_number(l->line);
	TRY(lane_finish_round(l));
	postgres_note_life(l->line);
	return OK;
}

/* Nothing travels yet, unless it is an errand. */
static enum err lane_begin(struct sql *sql, bool writing)
{
	struct lane *const l = mine(sql);

	l->failed = OK;
	l->fate = FATE_FAILED;
	l->open = false;
	l->writing = writing;
	l->awaits = l->changes = l->over = false;
	lane_forget(l);
	sights_clear(&l->sights);
	if (l->all != NULL)
		return OK;
	l->open = true;
	return lane_script(sql, lane_controls[writing ? BEGIN_WRITE : BEGIN_READ].text);
}

static enum err lane_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	return lane_step(mine(sql), call, rows);
}

static enum err lane_look_ahead(struct sql *sql, enum load_plan_kind plan, const void *probe)
{
	return lane_expect(mine(sql), plan, probe);
}

static enum err lane_take_in(struct sql *sql, const void *const rows[NEW_USER_ROWS])
{
	return lane_welcome(mine(sql), rows);
}

static enum err lane_now(struct sql *sql, moment *now)
{
	return lane_clock(mine(sql), now);
}

static void forget_run(struct lane *l)
{
	lane_forget(l);
	l->open = l->holds_all = l->careful = l->stays = false;
}

/* What changed nothing is over for us when it is sent; and a ROLLBACK takes its locks away without a flush of
 * the disk. */
static enum err lane_commit(struct sql *sql)
{
	struct lane *const l = mine(sql);
	struct postgres_answer answer;
	struct postgres_failure failure;

	if (l->all == NULL)
		return lane_script(sql, lane_controls[COMMIT].text);
	if (l->failed != OK)
		return l->failed;
	if (l->open && !l->changes) {
		lane_control(l, l->writing ? ROLLBACK : COMMIT);
		postgres_leave(l->line);
	} else if (l->open) {
		lane_control(l, COMMIT);
		TRY(lane_round_trip(l, true, &answer, &failure));
		if (!answer.stands)
			return lane_fail(l, ERR_STORAGE, FATE_FAILED);
	}
	forget_run(l);
	return OK;
}

/* The round that failed is over; a statement behind a failed one would not be heard. */
static void lane_rollback(struct sql *sql)
{
	struct lane *const l = mine(sql);
	struct postgres_failure failure;

	if (l->open && l->all == NULL) {
		(void)!postgres_script(l->line, lane_controls[ROLLBACK].text, &failure);
	} else if (l->open && l->fate != FATE_LOST && l->fate != FATE_UNKNOWN) {
		postgres_leave(l->line);
		lane_control(l, ROLLBACK);
		postgres_leave(l->line);
	}
	l->open = false;
	if (l->fate != FATE_AGAIN)
		forget_run(l);
}

/* The work itself failed: perhaps because it took a row for added that was there. */
static enum fate lane_fate(struct sql *sql, struct tx_number *number)
{
	if (mine(sql)->failed == OK && mine(sql)->awaits)
		(void)!lane_finish_round(mine(sql));
	*number = (struct tx_number){ postgres_number(mine(sql)->line), postgres_life(mine(sql)->line) };
	return mine(sql)->fate;
}

#define ENDING_QUESTION                                                                                      \
	"SELECT CAST(CASE pg_xact_status('%" PRId64 "'::xid8) WHEN 'aborted' THEN %d"                        \
	" WHEN 'in progress' THEN %d WHEN 'committed' THEN CASE WHEN " LIFE " = '%" PRId64 "' THEN %d"       \
	" ELSE %d END ELSE -1 END AS BIGINT) FROM pg_catalog.pg_stat_wal"
/* SQLSTATE: a number that is still to come was lost with the life that gave it. */
#define TO_COME "22023"

static enum err lane_ending_of(struct sql *sql, struct tx_number number, enum ending *ending)
{
	struct lane *const l = mine(sql);
	struct postgres_answer answer;
	struct postgres_failure failure;
	char text[512];
	enum fate fate;
	int64_t seen;
	enum err e;

	(void)snprintf(text, sizeof(text), ENDING_QUESTION, number.number, ENDING_UNDONE, ENDING_OPEN,
		number.life, ENDING_STANDS, ENDING_UNKNOWN);
	l->failed = OK;
	postgres_send_text(l->line, text);
	postgres_keep_number(l->line);
	e = postgres_round(l->line, &answer, &failure);
	if (e != OK && strcmp(failure.state, TO_COME) != 0) {
		e = postgres_trouble_judge(&failure, false, &fate);
		return lane_fail(l, e, fate);
	}
	seen = failure.state[0] != '\0' ? ENDING_UNDONE : postgres_number(l->line);
	if (seen < 0)
		return ERR_NOT_FOUND;
	*ending = (enum ending)seen;
	return OK;
}

static void lane_close(struct sql *sql)
{
	struct lane *const l = mine(sql);

	lane_forget(l);
	sights_finish(&l->sights);
	if (l->line != NULL)
		postgres_disconnect(l->line);
	free(l);
}

static enum err lane_another(struct sql *sql, struct sql **out)
{
	const struct lane *const like = mine(sql);
	struct arena arena;
	struct str why;
	struct sql *made;
	enum err e;

	arena_init(&arena, 0);
	e = postgres_lane_open(like->url, LANE, &arena, &made, &why);
	arena_finish(&arena);
	TRY(e);
	mine(made)->batch = like->batch;
	e = lane_prepare(made, like->all, true);
	if (e != OK) {
		lane_close(made);
		return e;
	}
	*out = made;
	return OK;
}

static const struct sql_ops lane_ops = {
	.script = lane_script,
	.ask = lane_ask,
	.prepare = lane_prepare,
	.another = lane_another,
	.begin = lane_begin,
	.commit = lane_commit,
	.rollback = lane_rollback,
	.run = lane_run,
	.clock = lane_now,
	.expect = lane_look_ahead,
	.welcome = lane_take_in,
	.fate = lane_fate,
	.ending_of = lane_ending_of,
	.close = lane_close,
};

/* A commit is on the disk when it is answered, whatever the server's own settings are. Who reads without a
 * BEGIN sees one moment all the same. Every question has its index: what a plan costs must not hang on when
 * it was made. Nothing waits for ever; a lane that hangs gives its locks back. */
static const char *const setups[] = {
	[LANE] = "SELECT set_config('synchronous_commit', 'on', false)"
		 " WHERE current_setting('synchronous_commit') = 'off';"
		 " SET default_transaction_isolation = 'repeatable read';"
		 " SET plan_cache_mode = force_generic_plan; SET jit = off;"
		 " SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_memoize = off;"
		 " SET statement_timeout = '8s'; SET lock_timeout = '5s';"
		 " SET idle_in_transaction_session_timeout = '20s'",
	[LANE_FOR_ERRANDS] = "SELECT set_config('synchronous_commit', 'on', false)"
			     " WHERE current_setting('synchronous_commit') = 'off';"
			     " SET statement_timeout = 0; SET lock_timeout = '30s'; SET jit = off",
};

enum err postgres_lane_open(
	const char *url, enum lane_kind kind, struct arena *arena, struct sql **out, struct str *why)
{
	struct lane *const l = calloc(1, sizeof(*l));
	enum err e;

	*why = STR("no memory");
	if (l == NULL)
		return ERR_INTERNAL;
	l->base = (struct sql){ &lane_ops, &postgres_dialect };
	l->url = url;
	e = postgres_connect(url, arena, &l->line, why);
	if (e == OK) {
		*why = STR("it refuses what a connection has to set");
		e = lane_script(&l->base, setups[kind]);
	}
	if (e != OK) {
		lane_close(&l->base);
		return e;
	}
	*out = &l->base;
	return OK;
}

void postgres_lane_join(struct sql *sql, struct batch *batch)
{
	mine(sql)->batch = batch;
}
