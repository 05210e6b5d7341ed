#include "store/copy/copy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "store/sql/driver.h"

#define ROWS_PER_PROGRESS_REPORT 1000
#define SQL_TEXT_SIZE 256
#define RUN_AGAIN "run the same command again: it continues from there"

struct copy_state {
	const struct copy_conf *conf;
	struct copy_endpoint *source, *target;
	struct copy_result *out;
	const struct record *table;	      /* the current table; NULL: none */
	struct rows_checksum *table_checksum; /* checksum of the rows read from the source */
	int64_t resumed_rows;		      /* number of the table's rows that an earlier run has copied */
	struct copy_progress progress;
	char source_id[2 * DIGEST_BYTES + 1]; /* stored in COPY_MARK, see compute_source_id */
};

static enum err fail(const struct copy_state *c, enum err e, struct str message)
{
	*c->conf->error = message.p != NULL ? message : STR("out of memory");
	return e;
}

/* Checks the result `e` of a call to an endpoint and returns it. If it is an error, sets the message for the
 * operator. */
static enum err endpoint_result(const struct copy_state *c, struct copy_endpoint *endpoint, enum err e)
{
	if (e == OK || e == ERR_NOT_FOUND)
		return e;
	const char *const error = endpoint->ops->error(endpoint);
	struct arena *const a = c->conf->arena;

	if (e == ERR_BUSY)
		return fail(c, e, arena_printf(a, "%.*s %s; " RUN_AGAIN, STR_ARG(endpoint->name), error));
	if (c->table == NULL)
		return fail(c, e, arena_printf(a, "%.*s %s", STR_ARG(endpoint->name), error));
	return fail(c, e,
		arena_printf(a, "%.*s: the table %s %s", STR_ARG(endpoint->name), c->table->table, error));
}

static enum err check_cancelled(const struct copy_state *c)
{
	if (is_cancelled(&c->conf->cancel))
		return fail(c, ERR_BUSY, STR("the copy was cancelled; " RUN_AGAIN));
	return OK;
}

/* Counts one processed row. At intervals, reports the progress and checks whether the copy was cancelled. */
static enum err count_row(struct copy_state *c)
{
	if (++c->progress.rows % ROWS_PER_PROGRESS_REPORT != 0)
		return OK;
	c->conf->on_progress(c->conf->arg, &c->progress);
	return check_cancelled(c);
}

/* Fails because of a damaged row. The message names the column but never contains its value, which may be
 * personal data. */
static enum err fail_damaged_row(const struct copy_state *c, const struct column *bad)
{
	return fail(c, ERR_STORAGE,
		arena_printf(c->conf->arena,
			"%.*s: the table %s is damaged: a row's %s%s is invalid; keep the damaged database, run "
			"`kycd db check` on it, and restore the last backup",
			STR_ARG(c->source->name), c->table->table,
			bad != NULL ? "column " : "number of columns", bad != NULL ? bad->name : ""));
}

/* Reads the next row of the source and adds it to the checksum. Returns ERR_NOT_FOUND after the last row. */
static enum err read_source_row(struct copy_state *c, struct str *row)
{
	const struct column *bad;

	TRY(endpoint_result(c, c->source, c->source->ops->next(c->source, row)));
	if (!row_fits_table(c->table, *row, &bad))
		return fail_damaged_row(c, bad);
	rows_checksum_add(c->table_checksum, *row);
	return count_row(c);
}

static enum err delete_target_rows(struct copy_state *c)
{
	char text[SQL_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "DELETE FROM \"%s\"", c->table->table);
	return endpoint_result(c, c->target, c->target->ops->script(c->target, text));
}

/* The next row of the source. `e` is ERR_NOT_FOUND after the last row, or the error of the read. */
struct source_row {
	struct str row;
	enum err e;
};

static void advance_source(struct copy_state *c, struct source_row *r)
{
	r->e = read_source_row(c, &r->row);
}

static enum err put_batch_rows(struct copy_state *c, struct source_row *r)
{
	struct copy_endpoint *const to = c->target;
	size_t bytes = 0;

	TRY(endpoint_result(c, to, to->ops->write(to, c->table)));
	for (int n = 0; r->e == OK && n < COPY_BATCH_ROWS && bytes < COPY_BATCH_BYTES; n++) {
		TRY(endpoint_result(c, to, to->ops->put(to, r->row)));
		bytes += r->row.n;
		advance_source(c, r);
	}
	if (r->e != OK && r->e != ERR_NOT_FOUND)
		return r->e;
	return endpoint_result(c, to, to->ops->end_write(to));
}

static enum err put_batch(struct copy_state *c, bool empty_first, struct source_row *r)
{
	struct copy_endpoint *const to = c->target;

	TRY(endpoint_result(c, to, to->ops->begin(to)));
	if (empty_first)
		TRY(delete_target_rows(c));
	TRY(put_batch_rows(c, r));
	return endpoint_result(c, to, to->ops->commit(to));
}

/* Copies the rows of the source that were not read yet. If `empty_first` is true, the first transaction also
 * deletes all rows of the target's table. */
static enum err put_remaining_rows(struct copy_state *c, bool empty_first)
{
	struct source_row r;

	advance_source(c, &r);
	if (empty_first)
		TRY(put_batch(c, true, &r));
	while (r.e == OK)
		TRY(put_batch(c, false, &r));
	return r.e == ERR_NOT_FOUND ? OK : r.e;
}

/* Compares the rows that an earlier run has copied with the first rows of the source. Sets `same` to false if
 * they differ, because the source was changed since that run. */
static enum err compare_resumed_rows(struct copy_state *c, bool *same)
{
	struct str source_row, target_row;

	TRY(endpoint_result(c, c->target, c->target->ops->read(c->target, c->table)));
	while (*same) {
		enum err e = endpoint_result(c, c->target, c->target->ops->next(c->target, &target_row));
		if (e != OK)
			return e == ERR_NOT_FOUND ? OK : e;
		e = read_source_row(c, &source_row);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		*same = e == OK && str_eq(source_row, target_row);
	}
	return OK;
}

static enum err resume_or_copy_rows(struct copy_state *c)
{
	const int64_t rows_before = c->progress.rows;
	bool same = true;

	TRY(endpoint_result(c, c->source, c->source->ops->read(c->source, c->table)));
	TRY(compare_resumed_rows(c, &same));
	c->target->ops->stop(c->target);
	if (!same) {
		c->source->ops->stop(c->source);
		*c->table_checksum = (struct rows_checksum){ .rows = 0 };
		c->progress.rows = rows_before;
		TRY(endpoint_result(c, c->source, c->source->ops->read(c->source, c->table)));
	}
	c->resumed_rows = c->table_checksum->rows;
	return put_remaining_rows(c, !same);
}

static enum err copy_table_rows(struct copy_state *c)
{
	const enum err e = resume_or_copy_rows(c);

	c->source->ops->stop(c->source);
	c->target->ops->stop(c->target);
	if (e != OK)
		c->target->ops->rollback(c->target);
	return e;
}

static enum err checksum_table(
	struct copy_state *c, struct copy_endpoint *endpoint, struct rows_checksum *out)
{
	enum err e = endpoint_result(c, endpoint, endpoint->ops->read(endpoint, c->table));
	struct str row;

	while (e == OK) {
		e = endpoint_result(c, endpoint, endpoint->ops->next(endpoint, &row));
		if (e == OK) {
			rows_checksum_add(out, row);
			e = count_row(c);
		}
	}
	endpoint->ops->stop(endpoint);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err verify_table(struct copy_state *c)
{
	struct rows_checksum read_back = { .rows = 0 };

	TRY(checksum_table(c, c->target, &read_back));
	if (rows_checksum_equal(c->table_checksum, &read_back))
		return OK;
	return fail(c, ERR_STORAGE,
		arena_printf(c->conf->arena,
			"%.*s: the table %s differs from what was copied (%" PRId64 " of %" PRId64
			" rows read back): run the same command again; if it happens again, check the disk",
			STR_ARG(c->target->name), c->table->table, read_back.rows, c->table_checksum->rows));
}

static enum err count_table_rows(struct copy_state *c)
{
	char text[SQL_TEXT_SIZE];
	int64_t rows = 0;

	(void)snprintf(text, sizeof(text), "SELECT count(*) FROM \"%s\"", c->table->table);
	TRY(endpoint_result(c, c->source, c->source->ops->query_number(c->source, text, &rows)));
	c->progress.total += rows;
	return OK;
}

/* Fails if the table of the target has rows. schema_migrations is not checked: it always has rows. */
static enum err require_empty_table(struct copy_state *c)
{
	char text[SQL_TEXT_SIZE];
	int64_t rows = 0;

	if (c->table == copy_table(COPY_TABLES - 1))
		return OK;
	(void)snprintf(text, sizeof(text), "SELECT count(*) FROM (SELECT 1 FROM \"%s\" LIMIT 1) AS one",
		c->table->table);
	TRY(endpoint_result(c, c->target, c->target->ops->query_number(c->target, text, &rows)));
	if (rows == 0)
		return OK;
	return fail(c, ERR_CONFLICT,
		arena_printf(c->conf->arena,
			"%.*s: the table %s has rows already: a copy needs an empty database",
			STR_ARG(c->target->name), c->table->table));
}

static enum err for_each_table(
	struct copy_state *c, enum copy_phase phase, enum err (*process_table)(struct copy_state *c))
{
	c->progress.phase = phase;
	c->progress.rows = 0;
	for (size_t i = 0; i < COPY_TABLES; i++) {
		c->table = copy_table(i);
		c->table_checksum = &c->out->tables[i];
		c->resumed_rows = 0;
		c->progress.table = c->table->table;
		c->conf->on_progress(c->conf->arg, &c->progress);
		TRY(check_cancelled(c));
		TRY(process_table(c));
		c->out->resumed_rows += i < RECORD_COUNT ? c->resumed_rows : 0;
	}
	c->table = NULL;
	return OK;
}

/* Computes an identifier of the source: a digest of its migrations with their times and of its random keys.
 * No other database has the same. */
static enum err compute_source_id(struct copy_state *c)
{
	const struct record *const identifying[] = { copy_table(COPY_TABLES - 1), &records[RECORD_KEYRING] };
	struct rows_checksum checksums[array_len(identifying)] = { { .rows = 0 } };
	unsigned char digest[DIGEST_BYTES];

	for (size_t i = 0; i < array_len(identifying); i++) {
		c->table = identifying[i];
		TRY(checksum_table(c, c->source, &checksums[i]));
	}
	c->table = NULL;
	sha256((struct str){ (const char *)checksums, sizeof(checksums) }, digest);
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		(void)snprintf(c->source_id + 2 * i, 3, "%02x", digest[i]);
	return OK;
}

/* Fails if the target is an unfinished copy of another source. */
static enum err check_copy_mark(struct copy_state *c)
{
	struct copy_endpoint *const to = c->target;
	char text[SQL_TEXT_SIZE];
	int64_t marks = 0;

	(void)snprintf(
		text, sizeof(text), "SELECT count(*) FROM " COPY_MARK " WHERE source = '%s'", c->source_id);
	TRY(endpoint_result(c, to, to->ops->query_number(to, text, &marks)));
	if (marks > 0)
		return OK;
	return fail(c, ERR_CONFLICT,
		arena_printf(c->conf->arena,
			"%.*s is an unfinished copy of a database other than %.*s: use an empty database",
			STR_ARG(to->name), STR_ARG(c->source->name)));
}

static enum err create_copy_mark(struct copy_state *c)
{
	struct copy_endpoint *const to = c->target;
	char text[SQL_TEXT_SIZE];
	enum err e;

	(void)snprintf(text, sizeof(text),
		"CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY);"
		" INSERT INTO " COPY_MARK " (source) VALUES ('%s')",
		c->source_id);
	TRY(endpoint_result(c, to, to->ops->begin(to)));
	e = endpoint_result(c, to, to->ops->script(to, text));
	if (e == OK)
		e = endpoint_result(c, to, to->ops->commit(to));
	if (e != OK)
		to->ops->rollback(to);
	return e;
}

static enum err copy_all(struct copy_state *c)
{
	TRY(compute_source_id(c));
	if (c->target->unfinished) {
		TRY(check_copy_mark(c));
	} else {
		TRY(for_each_table(c, COPY_INSPECT, require_empty_table));
		TRY(create_copy_mark(c));
	}
	TRY(for_each_table(c, COPY_INSPECT, count_table_rows));
	TRY(for_each_table(c, COPY_TRANSFER, copy_table_rows));
	return for_each_table(c, COPY_VERIFY, verify_table);
}

static enum err require_exclusive(const struct copy_state *c, struct copy_endpoint *endpoint)
{
	const enum err e = endpoint->ops->check_exclusive_use(endpoint);

	if (e != ERR_BUSY)
		return endpoint_result(c, endpoint, e);
	return fail(c, ERR_BUSY,
		arena_printf(c->conf->arena, "%.*s %s: stop everything that uses it, then " RUN_AGAIN,
			STR_ARG(endpoint->name), endpoint->ops->error(endpoint)));
}

static enum err require_both_exclusive(const struct copy_state *c)
{
	TRY(require_exclusive(c, c->source));
	return require_exclusive(c, c->target);
}

/* Reads the source in one transaction, so that all tables are copied from the same snapshot. */
static enum err copy_in_source_tx(struct copy_state *c)
{
	struct copy_endpoint *const from = c->source;
	enum err e;

	TRY(endpoint_result(c, from, from->ops->begin(from)));
	e = copy_all(c);
	if (e == OK)
		e = endpoint_result(c, from, from->ops->commit(from));
	if (e != OK)
		from->ops->rollback(from);
	return e;
}

enum err copy_run(const struct copy_conf *conf, struct copy_result *out)
{
	struct copy_state c = { .conf = conf, .source = conf->source, .target = conf->target, .out = out };

	memset(out, 0, sizeof(*out));
	TRY(require_both_exclusive(&c));
	TRY(copy_in_source_tx(&c));
	TRY(require_both_exclusive(&c));
	for (size_t i = 0; i < RECORD_COUNT; i++)
		out->rows += out->tables[i].rows;
	return endpoint_result(&c, c.target, c.target->ops->script(c.target, "DROP TABLE " COPY_MARK));
}
