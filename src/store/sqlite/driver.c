#include "store/sqlite/driver.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "store/sql/statements.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/row.h"
#include "store/sqlite/wal_vfs.h"

#define BUSY_MS 5000
/* For carrying the log over, which can be left for another time. */
#define CHECKPOINT_BUSY_MS 100
/* Pages of 4 KiB in the log. A reader has then held it up for so long that it is worth waiting for, and the
 * file is cut. */
#define LOG_PAGES_LARGE 16000

/* Milliseconds: the clock of the machine, as the engine sees it. */
#define NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

enum sqlite_control {
	CONTROL_BEGIN_READ,
	CONTROL_BEGIN_WRITE,
	CONTROL_SAVEPOINT,
	CONTROL_RELEASE,
	CONTROL_ROLLBACK_TO,
	CONTROL_COMMIT,
	CONTROL_ROLLBACK,
	CONTROL_CLOCK,
	CONTROL_COUNT
};

static const char *const control_texts[CONTROL_COUNT] = {
	[CONTROL_BEGIN_READ] = "BEGIN",
	[CONTROL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[CONTROL_SAVEPOINT] = "SAVEPOINT job",
	[CONTROL_RELEASE] = "RELEASE job",
	[CONTROL_ROLLBACK_TO] = "ROLLBACK TO job",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
	[CONTROL_CLOCK] = ("SELECT " NOW),
};

struct sqlite {
	struct sql base;
	sqlite3 *db;
	sqlite3_stmt *controls[CONTROL_COUNT];
	char *path; /* of its own, for the connections made like it */
	const struct statements *all;
	sqlite3_stmt *prepared[STATEMENT_COUNT];
	int log_pages;
	int log_large; /* from how many on the log is worth waiting for */
	bool writing;
};

static const struct sql_ops sqlite_ops;

/* Rows without a rowid: a load goes down one tree instead of two. */
#define COUNT_TABLE(name) "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '" name "'"
static const struct dialect sqlite_dialect = {
	.text = "TEXT",
	.bytes = "BLOB",
	.integer = "INTEGER",
	.strict = "STRICT, WITHOUT ROWID",
	.now = NOW,
	.count_tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
	.count_migrations = COUNT_TABLE("schema_migrations"),
	.count_old_migrations = COUNT_TABLE("schema_steps"),
	.count_marks = COUNT_TABLE(COPY_MARK),
};

static struct sqlite *mine(struct sql *sql)
{
	assert(sql->ops == &sqlite_ops);
	return container_of(sql, struct sqlite, base);
}

/* The engine's own number would be lost above this room, so it is judged and noted here, right after the call
 * that failed: of a commit SQLite keeps no system's error, but this thread has it still. */
static enum err err_of(const struct sqlite *s, int code)
{
	const int kept = code != SQLITE_OK ? sqlite3_system_errno(s->db) : 0;

	return code == SQLITE_OK ? OK : sqlite_diagnose(code, kept != 0 ? kept : errno);
}

static enum err sqlite_script(struct sql *sql, const char *text)
{
	return err_of(mine(sql), sqlite3_exec(mine(sql)->db, text, NULL, NULL, NULL));
}

static enum err sqlite_ask(struct sql *sql, const char *text, int64_t *number)
{
	sqlite3_stmt *asked;
	int code;

	TRY(err_of(mine(sql), sqlite3_prepare_v2(mine(sql)->db, text, -1, &asked, NULL)));
	code = sqlite3_step(asked);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(asked, 0);
	(void)sqlite3_finalize(asked);
	return code == SQLITE_DONE ? ERR_NOT_FOUND : err_of(mine(sql), code);
}

static enum err prepare_one(struct sqlite *s, const char *text, sqlite3_stmt **out)
{
	return err_of(s, sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

static enum err sqlite_prepare(struct sql *sql, const struct statements *all, bool writing)
{
	struct sqlite *const s = mine(sql);

	assert(s->all == NULL);
	s->all = all;
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		if (writing || all->list[i].out != NULL)
			TRY(prepare_one(s, all->list[i].text, &s->prepared[i]));
	}
	return OK;
}

static enum err sqlite_another(struct sql *sql, struct sql **out)
{
	const struct sqlite *const like = mine(sql);
	struct sql *made;

	assert(like->all != NULL);
	TRY(sqlite_driver_open(like->path, CONNECTION_READ_ONLY, &made));
	mine(made)->all = like->all;
	*out = made;
	return OK;
}

static enum err control(struct sqlite *s, enum sqlite_control which)
{
	const enum err e = err_of(s, sqlite3_step(s->controls[which]));

	(void)sqlite3_reset(s->controls[which]);
	return e;
}

static enum err sqlite_begin(struct sql *sql, bool writing)
{
	return control(mine(sql), writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ);
}

/* A full disk may have ended the transaction; a savepoint outside of one would begin a new one. */
static bool is_open(struct sqlite *s)
{
	return sqlite3_get_autocommit(s->db) == 0;
}

static enum err sqlite_mark(struct sql *sql)
{
	return is_open(mine(sql)) ? control(mine(sql), CONTROL_SAVEPOINT) : ERR_STORAGE;
}

static enum err sqlite_keep(struct sql *sql)
{
	return is_open(mine(sql)) ? control(mine(sql), CONTROL_RELEASE) : ERR_STORAGE;
}

static enum err sqlite_undo(struct sql *sql)
{
	if (!is_open(mine(sql)))
		return ERR_STORAGE;
	TRY(control(mine(sql), CONTROL_ROLLBACK_TO));
	return control(mine(sql), CONTROL_RELEASE);
}

static enum err sqlite_commit(struct sql *sql)
{
	return is_open(mine(sql)) ? control(mine(sql), CONTROL_COMMIT) : ERR_STORAGE;
}

static void sqlite_rollback(struct sql *sql)
{
	if (is_open(mine(sql)))
		(void)control(mine(sql), CONTROL_ROLLBACK);
}

static enum err fetch(struct sqlite *s, sqlite3_stmt *stmt, const struct statement *what,
	const struct sql_call *call, size_t *rows)
{
	int code = SQLITE_DONE;
	size_t n = 0;

	while (n < call->limit && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		char *const row = (char *)call->to + n * what->size;

		TRY(sqlite_row_read(stmt, what, call->arena, row));
		n++;
	}
	TRY(err_of(s, code));
	*rows = n;
	return OK;
}

static enum err change(struct sqlite *s, sqlite3_stmt *stmt, size_t *rows)
{
	TRY(err_of(s, sqlite3_step(stmt)));
	*rows = (size_t)sqlite3_changes(s->db);
	return OK;
}

static enum err sqlite_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	struct sqlite *const s = mine(sql);
	const struct statement *const what = &s->all->list[call->which];
	sqlite3_stmt *stmt;
	enum err e;

	assert(s->writing || what->out != NULL);
	if (s->prepared[call->which] == NULL)
		TRY(prepare_one(s, what->text, &s->prepared[call->which]));
	stmt = s->prepared[call->which];
	e = err_of(s, sqlite_row_bind(stmt, what, call));
	if (e == OK)
		e = what->out != NULL ? fetch(s, stmt, what, call, rows) : change(s, stmt, rows);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return e;
}

static enum err sqlite_clock(struct sql *sql, moment *now)
{
	sqlite3_stmt *const asked = mine(sql)->controls[CONTROL_CLOCK];
	const int code = sqlite3_step(asked);

	if (code == SQLITE_ROW)
		*now = (moment){ sqlite3_column_int64(asked, 0) };
	(void)sqlite3_reset(asked);
	return code == SQLITE_ROW ? OK : ERR_STORAGE;
}

static int count_log(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct sqlite *const s = arg;

	(void)db;
	(void)name;
	s->log_pages = pages;
	sqlite_condition_clear();
	return SQLITE_OK;
}

static size_t sqlite_log_pages(struct sql *sql)
{
	return (size_t)mine(sql)->log_pages;
}

/* A failure is no news: the log stays as it is, and the next commit that fails says why. */
static bool carry_over(struct sqlite *s, int how)
{
	int code;

	(void)sqlite3_busy_timeout(s->db, CHECKPOINT_BUSY_MS);
	code = sqlite3_wal_checkpoint_v2(s->db, NULL, how, NULL, NULL);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	return code == SQLITE_OK;
}

/* Who reads for long, as a backup does, is waited for when the log is large, and then only each time it has
 * doubled: else every commit would wait. */
static void sqlite_checkpoint(struct sql *sql)
{
	struct sqlite *const s = mine(sql);

	if (s->log_pages < s->log_large)
		(void)carry_over(s, SQLITE_CHECKPOINT_PASSIVE);
	else if (carry_over(s, SQLITE_CHECKPOINT_TRUNCATE))
		s->log_large = LOG_PAGES_LARGE;
	else
		s->log_large = s->log_pages < INT_MAX / 2 ? 2 * s->log_pages : INT_MAX;
	s->log_pages = 0;
}

/* The look into the schema makes sure that the connection has found the log. */
static enum err sqlite_carry(struct sql *sql, size_t *carried)
{
	struct sqlite *const s = mine(sql);
	int64_t tables;
	int n = 0;

	TRY(sqlite_ask(sql, "SELECT count(*) FROM sqlite_schema", &tables));
	TRY(err_of(s, sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &n)));
	*carried = n > 0 ? (size_t)n : 0;
	return OK;
}

/* The log holds old pages, and with them what was wiped: it does not outlive the connection. */
static void sqlite_close(struct sql *sql)
{
	struct sqlite *const s = mine(sql);

	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(s->prepared[i]);
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		(void)sqlite3_finalize(s->controls[i]);
	if (s->writing)
		(void)carry_over(s, SQLITE_CHECKPOINT_TRUNCATE);
	(void)sqlite3_close(s->db);
	free(s->path);
	free(s);
}

static const struct sql_ops sqlite_ops = {
	.script = sqlite_script,
	.query_number = sqlite_ask,
	.prepare = sqlite_prepare,
	.clone = sqlite_another,
	.begin = sqlite_begin,
	.savepoint = sqlite_mark,
	.release_savepoint = sqlite_keep,
	.rollback_to_savepoint = sqlite_undo,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.run = sqlite_run,
	.clock = sqlite_clock,
	.wal_pages = sqlite_log_pages,
	.checkpoint = sqlite_checkpoint,
	.checkpoint_passive = sqlite_carry,
	.close = sqlite_close,
};

static const struct {
	int name, value;
} switches[] = {
	/* Else a misspelt "column" is a text, and a typo would not fail the start. */
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
};

/* temp_store: nothing personal goes into temporary files. */
static const char *const setups[] = {
	[CONNECTION_READ_ONLY] =
		"PRAGMA query_only = ON; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
		" PRAGMA temp_store = MEMORY;"
		" PRAGMA mmap_size = 0; PRAGMA cache_size = -256;",
	[CONNECTION_READ_WRITE] =
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		" PRAGMA foreign_keys = OFF; PRAGMA cell_size_check = ON;"
		" PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -7168;"
		" PRAGMA journal_size_limit = 16777216;",
};

static enum err set_up(struct sqlite *s)
{
	int64_t is_wal;

	for (size_t i = 0; i < array_len(switches); i++)
		TRY(err_of(s, sqlite3_db_config(s->db, switches[i].name, switches[i].value, (int *)NULL)));
	TRY(err_of(s, sqlite3_busy_timeout(s->db, BUSY_MS)));
	TRY(sqlite_script(&s->base, setups[s->writing ? CONNECTION_READ_WRITE : CONNECTION_READ_ONLY]));
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		TRY(prepare_one(s, control_texts[i], &s->controls[i]));
	if (!s->writing)
		return OK;
	(void)sqlite3_wal_hook(s->db, count_log, s);
	TRY(sqlite_ask(&s->base, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal));
	/* Some file systems have no shared memory; without a log a reader would stop the writer. */
	return is_wal ? OK : ERR_STORAGE;
}

enum err sqlite_driver_open(const char *path, enum connection_mode use, struct sql **out)
{
	/* No mutex of its own: the runner and the pool give a connection to one thread at a time. */
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct sqlite *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	s->base = (struct sql){ &sqlite_ops, &sqlite_dialect };
	s->writing = use == CONNECTION_READ_WRITE;
	s->log_large = LOG_PAGES_LARGE;
	s->path = strdup(path);
	/* Without counting its memory, threads do not meet at the counter. Too late after the first open,
	 * and then done already. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	e = s->path == NULL
		    ? ERR_INTERNAL
		    : err_of(s, sqlite3_open_v2(path, &s->db, flags, s->writing ? sqlite_wal_vfs() : NULL));
	if (e == OK)
		e = set_up(s);
	if (e != OK) {
		sqlite_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}
