#include "store/copy/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "store/sql/driver.h"

#define TELL_EVERY 1000
#define QUESTION_SIZE 256
#define AGAIN "run the same command again: it goes on from there"

struct copying {
	const struct copy_conf *conf;
	struct copy_endpoint *source, *target;
	struct copy_result *out;
	const struct record *table;  /* that we are at; NULL: none */
	struct rows_checksum *tally; /* its rows in the source */
	int64_t found;		     /* of them there already */
	struct copy_progress progress;
	char name[2 * DIGEST_BYTES + 1]; /* the source's, in the mark */
};

static enum err refuse(const struct copying *c, enum err e, struct str sentence)
{
	*c->conf->error = sentence.p != NULL ? sentence : STR("no memory");
	return e;
}

/* Of what an end was asked for. */
static enum err of(const struct copying *c, struct copy_endpoint *endpoint, enum err e)
{
	if (e == OK || e == ERR_NOT_FOUND)
		return e;
	const char *const trouble = endpoint->ops->error(endpoint);
	struct arena *const a = c->conf->arena;

	if (e == ERR_BUSY)
		return refuse(c, e, arena_printf(a, "%.*s %s; " AGAIN, STR_ARG(endpoint->name), trouble));
	if (c->table == NULL)
		return refuse(c, e, arena_printf(a, "%.*s %s", STR_ARG(endpoint->name), trouble));
	return refuse(c, e,
		arena_printf(a, "%.*s: the table %s %s", STR_ARG(endpoint->name), c->table->table, trouble));
}

static enum err go_on(const struct copying *c)
{
	if (is_cancelled(&c->conf->cancel))
		return refuse(c, ERR_BUSY, STR("the copy was given up half way; " AGAIN));
	return OK;
}

/* A table's rows, one after another. */
static enum err step(struct copying *c)
{
	if (++c->progress.rows % TELL_EVERY != 0)
		return OK;
	c->conf->on_progress(c->conf->arg, &c->progress);
	return go_on(c);
}

/* What it is, and never what stands in it. */
static enum err refuse_row(const struct copying *c, const struct column *bad)
{
	return refuse(c, ERR_STORAGE,
		arena_printf(c->conf->arena,
			"%.*s: the table %s is damaged: a row's column %s holds what it cannot hold; keep the database "
			"as it is, run `kycd db check` on it, restore the last backup",
			STR_ARG(c->source->name), c->table->table, bad != NULL ? bad->name : "count"));
}

/* ERR_NOT_FOUND: there is none any more. */
static enum err next_of_source(struct copying *c, struct str *row)
{
	const struct column *bad;

	TRY(of(c, c->source, c->source->ops->next(c->source, row)));
	if (!row_fits_table(c->table, *row, &bad))
		return refuse_row(c, bad);
	rows_checksum_add(c->tally, *row);
	return step(c);
}

static enum err empty_target(struct copying *c)
{
	char text[QUESTION_SIZE];

	(void)snprintf(text, sizeof(text), "DELETE FROM \"%s\"", c->table->table);
	return of(c, c->target, c->target->ops->script(c->target, text));
}

/* A row that was read from the source, or why there is none: ERR_NOT_FOUND at the end. */
struct reading {
	struct str row;
	enum err e;
};

static void read_on(struct copying *c, struct reading *r)
{
	r->e = next_of_source(c, &r->row);
}

static enum err put_rows(struct copying *c, struct reading *r)
{
	struct copy_endpoint *const to = c->target;
	size_t bytes = 0;

	TRY(of(c, to, to->ops->write(to, c->table)));
	for (int n = 0; r->e == OK && n < COPY_BATCH_ROWS && bytes < COPY_BATCH_BYTES; n++) {
		TRY(of(c, to, to->ops->put(to, r->row)));
		bytes += r->row.n;
		read_on(c, r);
	}
	if (r->e != OK && r->e != ERR_NOT_FOUND)
		return r->e;
	return of(c, to, to->ops->written(to));
}

static enum err put_batch(struct copying *c, bool anew, struct reading *r)
{
	struct copy_endpoint *const to = c->target;

	TRY(of(c, to, to->ops->begin(to)));
	if (anew)
		TRY(empty_target(c));
	TRY(put_rows(c, r));
	return of(c, to, to->ops->commit(to));
}

/* What is left of the source's rows; `anew`: after those of the target have gone. */
static enum err put_rest(struct copying *c, bool anew)
{
	struct reading r;

	read_on(c, &r);
	if (anew)
		TRY(put_batch(c, true, &r));
	while (r.e == OK)
		TRY(put_batch(c, false, &r));
	return r.e == ERR_NOT_FOUND ? OK : r.e;
}

/* What an earlier run has brought is the beginning of the table, unless the source has changed since. */
static enum err follow(struct copying *c, bool *same)
{
	struct str here, there;

	TRY(of(c, c->target, c->target->ops->read(c->target, c->table)));
	while (*same) {
		enum err e = of(c, c->target, c->target->ops->next(c->target, &there));
		if (e != OK)
			return e == ERR_NOT_FOUND ? OK : e;
		e = next_of_source(c, &here);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		*same = e == OK && str_eq(here, there);
	}
	return OK;
}

static enum err copy_rows(struct copying *c)
{
	const int64_t before = c->progress.rows;
	bool same = true;

	TRY(of(c, c->source, c->source->ops->read(c->source, c->table)));
	TRY(follow(c, &same));
	c->target->ops->stop(c->target);
	if (!same) {
		c->source->ops->stop(c->source);
		*c->tally = (struct rows_checksum){ .rows = 0 };
		c->progress.rows = before;
		TRY(of(c, c->source, c->source->ops->read(c->source, c->table)));
	}
	c->found = c->tally->rows;
	return put_rest(c, !same);
}

static enum err copy_one(struct copying *c)
{
	const enum err e = copy_rows(c);

	c->source->ops->stop(c->source);
	c->target->ops->stop(c->target);
	if (e != OK)
		c->target->ops->rollback(c->target);
	return e;
}

static enum err tally_table(struct copying *c, struct copy_endpoint *endpoint, struct rows_checksum *out)
{
	enum err e = of(c, endpoint, endpoint->ops->read(endpoint, c->table));
	struct str row;

	while (e == OK) {
		e = of(c, endpoint, endpoint->ops->next(endpoint, &row));
		if (e == OK) {
			rows_checksum_add(out, row);
			e = step(c);
		}
	}
	endpoint->ops->stop(endpoint);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err compare_one(struct copying *c)
{
	struct rows_checksum arrived = { .rows = 0 };

	TRY(tally_table(c, c->target, &arrived));
	if (rows_checksum_equal(c->tally, &arrived))
		return OK;
	return refuse(c, ERR_STORAGE,
		arena_printf(c->conf->arena,
			"%.*s: the table %s is not what was copied (%" PRId64 " rows of %" PRId64
			"): run the same command again, and if it happens again, doubt the disk",
			STR_ARG(c->target->name), c->table->table, arrived.rows, c->tally->rows));
}

static enum err count_one(struct copying *c)
{
	char text[QUESTION_SIZE];
	int64_t rows = 0;

	(void)snprintf(text, sizeof(text), "SELECT count(*) FROM \"%s\"", c->table->table);
	TRY(of(c, c->source, c->source->ops->ask(c->source, text, &rows)));
	c->progress.total += rows;
	return OK;
}

/* Its steps it has from its own beginning. */
static enum err want_empty(struct copying *c)
{
	char text[QUESTION_SIZE];
	int64_t rows = 0;

	if (c->table == copy_table(COPY_TABLES - 1))
		return OK;
	(void)snprintf(text, sizeof(text), "SELECT count(*) FROM (SELECT 1 FROM \"%s\" LIMIT 1) AS one",
		c->table->table);
	TRY(of(c, c->target, c->target->ops->ask(c->target, text, &rows)));
	if (rows == 0)
		return OK;
	return refuse(c, ERR_CONFLICT,
		arena_printf(c->conf->arena,
			"%.*s: the table %s has rows already: a copy needs an empty database",
			STR_ARG(c->target->name), c->table->table));
}

static enum err each_table(struct copying *c, enum copy_phase phase, enum err (*act)(struct copying *c))
{
	c->progress.phase = phase;
	c->progress.rows = 0;
	for (size_t i = 0; i < COPY_TABLES; i++) {
		c->table = copy_table(i);
		c->tally = &c->out->tables[i];
		c->found = 0;
		c->progress.table = c->table->table;
		c->conf->on_progress(c->conf->arg, &c->progress);
		TRY(go_on(c));
		TRY(act(c));
		c->out->resumed_rows += i < RECORD_COUNT ? c->found : 0;
	}
	c->table = NULL;
	return OK;
}

/* Its steps with their moments, and its random keys: no two databases have the same. */
static enum err name_source(struct copying *c)
{
	const struct record *const named[] = { copy_table(COPY_TABLES - 1), &records[RECORD_KEYRING] };
	struct rows_checksum tallies[array_len(named)] = { { .rows = 0 } };
	unsigned char digest[DIGEST_BYTES];

	for (size_t i = 0; i < array_len(named); i++) {
		c->table = named[i];
		TRY(tally_table(c, c->source, &tallies[i]));
	}
	c->table = NULL;
	sha256((struct str){ (const char *)tallies, sizeof(tallies) }, digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(c->name + 2 * i, 3, "%02x", digest[i]);
	return OK;
}

static enum err recognise(struct copying *c)
{
	struct copy_endpoint *const to = c->target;
	char text[QUESTION_SIZE];
	int64_t ours = 0;

	(void)snprintf(text, sizeof(text), "SELECT count(*) FROM " COPY_MARK " WHERE source = '%s'", c->name);
	TRY(of(c, to, to->ops->ask(to, text, &ours)));
	if (ours > 0)
		return OK;
	return refuse(c, ERR_CONFLICT,
		arena_printf(c->conf->arena,
			"%.*s is half of a copy of another database than %.*s: give an empty one",
			STR_ARG(to->name), STR_ARG(c->source->name)));
}

static enum err mark(struct copying *c)
{
	struct copy_endpoint *const to = c->target;
	char text[QUESTION_SIZE];
	enum err e;

	(void)snprintf(text, sizeof(text),
		"CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY);"
		" INSERT INTO " COPY_MARK " (source) VALUES ('%s')",
		c->name);
	TRY(of(c, to, to->ops->begin(to)));
	e = of(c, to, to->ops->script(to, text));
	if (e == OK)
		e = of(c, to, to->ops->commit(to));
	if (e != OK)
		to->ops->rollback(to);
	return e;
}

static enum err copy_all(struct copying *c)
{
	TRY(name_source(c));
	if (c->target->unfinished) {
		TRY(recognise(c));
	} else {
		TRY(each_table(c, COPY_INSPECT, want_empty));
		TRY(mark(c));
	}
	TRY(each_table(c, COPY_INSPECT, count_one));
	TRY(each_table(c, COPY_TRANSFER, copy_one));
	return each_table(c, COPY_VERIFY, compare_one);
}

static enum err want_alone(const struct copying *c, struct copy_endpoint *endpoint)
{
	const enum err e = endpoint->ops->alone(endpoint);

	if (e != ERR_BUSY)
		return of(c, endpoint, e);
	return refuse(c, ERR_BUSY,
		arena_printf(c->conf->arena, "%.*s %s: stop all that uses it, then " AGAIN,
			STR_ARG(endpoint->name), endpoint->ops->error(endpoint)));
}

static enum err both_alone(const struct copying *c)
{
	TRY(want_alone(c, c->source));
	return want_alone(c, c->target);
}

static enum err from_one_moment(struct copying *c)
{
	struct copy_endpoint *const from = c->source;
	enum err e;

	TRY(of(c, from, from->ops->begin(from)));
	e = copy_all(c);
	if (e == OK)
		e = of(c, from, from->ops->commit(from));
	if (e != OK)
		from->ops->rollback(from);
	return e;
}

enum err copy_run(const struct copy_conf *conf, struct copy_result *out)
{
	struct copying c = { .conf = conf, .source = conf->source, .target = conf->target, .out = out };

	memset(out, 0, sizeof(*out));
	TRY(both_alone(&c));
	TRY(from_one_moment(&c));
	TRY(both_alone(&c));
	for (size_t i = 0; i < RECORD_COUNT; i++)
		out->rows += out->tables[i].rows;
	return of(&c, c.target, c.target->ops->script(c.target, "DROP TABLE " COPY_MARK));
}
