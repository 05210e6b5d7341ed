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
#include "store/sqlite/dialect.h"
#include "store/sqlite/open_files.h"
#include "store/sqlite/options.h"
#include "store/sqlite/row.h"
#include "store/sqlite/wal_vfs.h"

#define BUSY_MS 5000
#define CHECKPOINT_BUSY_MS 100 /* shorter than BUSY_MS, because a checkpoint can be made later */
/* If the WAL has at least this many pages of 4 KiB, a checkpoint waits for readers and truncates the WAL. */
#define WAL_TRUNCATE_PAGES 16000

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
	[CONTROL_CLOCK] = ("SELECT " SQLITE_NOW),
};

struct sqlite_conn {
	struct sql base;
	sqlite3 *db;
	sqlite3_stmt *controls[CONTROL_COUNT];
	char *path; /* for sqlite_clone; owned */
	const struct statements *all;
	sqlite3_stmt *prepared[STATEMENT_COUNT];
	int wal_pages;	    /* length of the WAL in pages after the last commit; 0 after a checkpoint */
	int truncate_pages; /* WAL length from which a checkpoint truncates the WAL, see sqlite_checkpoint */
	bool writing;
	struct file_identity identity; /* identity of the database file, for sqlite_clone */
	/* Files of a prepared writing connection; files.db is NULL if none were recorded. */
	struct open_files files;
};

static const struct sql_ops sqlite_ops;

static struct sqlite_conn *sqlite_from_base(struct sql *sql)
{
	assert(sql->ops == &sqlite_ops);
	return container_of(sql, struct sqlite_conn, base);
}

/* Diagnoses a failed call. Must be called directly after it: after a failed commit SQLite does not store the
 * errno of the system call, but the thread's errno still has it. */
static enum err diagnose(const struct sqlite_conn *s, int code)
{
	const int saved_errno = code != SQLITE_OK ? sqlite3_system_errno(s->db) : 0;

	return code == SQLITE_OK ? OK : sqlite_diagnose(code, saved_errno != 0 ? saved_errno : errno);
}

static enum err sqlite_script(struct sql *sql, const char *text)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);

	return diagnose(s, sqlite3_exec(s->db, text, NULL, NULL, NULL));
}

static enum err sqlite_query_number(struct sql *sql, const char *text, int64_t *number)
{
	sqlite3_stmt *stmt;
	struct sqlite_conn *const s = sqlite_from_base(sql);
	int code;

	TRY(diagnose(s, sqlite3_prepare_v2(s->db, text, -1, &stmt, NULL)));
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? ERR_NOT_FOUND : diagnose(s, code);
}

static enum err prepare_one(struct sqlite_conn *s, const char *text, sqlite3_stmt **out)
{
	return diagnose(s, sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

static enum err sqlite_prepare(struct sql *sql, const struct statements *all, bool writing)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);

	assert(s->all == NULL);
	s->all = all;
	for (size_t i = 0; i < STATEMENT_COUNT; i++) {
		if (all->list[i].text != NULL && (writing || all->list[i].out != NULL))
			TRY(prepare_one(s, all->list[i].text, &s->prepared[i]));
	}
	return writing ? open_files_record(&s->files, s->db, s->path) : OK;
}

static enum err sqlite_clone(struct sql *sql, struct sql **out)
{
	const struct sqlite_conn *const original = sqlite_from_base(sql);
	struct sql *copy;

	assert(original->all != NULL);
	TRY(sqlite_driver_open(original->path, CONNECTION_READ_ONLY, &copy));
	sqlite_from_base(copy)->all = original->all;
	if (file_identity_compare(original->path, &original->identity) != FILES_IN_PLACE) {
		copy->ops->close(copy);
		return ERR_STORAGE;
	}
	*out = copy;
	return OK;
}

static enum err sqlite_check_files(struct sql *sql)
{
	return open_files_check(&sqlite_from_base(sql)->files);
}

static enum err run_control(struct sql *sql, enum sqlite_control which)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);
	const enum err e = diagnose(s, sqlite3_step(s->controls[which]));

	(void)sqlite3_reset(s->controls[which]);
	return e;
}

static enum err sqlite_begin(struct sql *sql, bool writing)
{
	return run_control(sql, writing ? CONTROL_BEGIN_WRITE : CONTROL_BEGIN_READ);
}

/* Returns whether a transaction is open. SQLite ends it by itself when the disk is full, and SAVEPOINT would
 * then begin a new one. So the functions that use savepoints check this first. */
static bool in_transaction(struct sql *sql)
{
	return sqlite3_get_autocommit(sqlite_from_base(sql)->db) == 0;
}

static enum err sqlite_savepoint(struct sql *sql)
{
	return in_transaction(sql) ? run_control(sql, CONTROL_SAVEPOINT) : ERR_STORAGE;
}

static enum err sqlite_release_savepoint(struct sql *sql)
{
	return in_transaction(sql) ? run_control(sql, CONTROL_RELEASE) : ERR_STORAGE;
}

static enum err sqlite_rollback_to_savepoint(struct sql *sql)
{
	if (!in_transaction(sql))
		return ERR_STORAGE;
	TRY(run_control(sql, CONTROL_ROLLBACK_TO));
	return run_control(sql, CONTROL_RELEASE);
}

static enum err sqlite_commit(struct sql *sql)
{
	return in_transaction(sql) ? run_control(sql, CONTROL_COMMIT) : ERR_STORAGE;
}

static void sqlite_rollback(struct sql *sql)
{
	if (in_transaction(sql))
		(void)run_control(sql, CONTROL_ROLLBACK);
}

static enum err fetch_rows(struct sqlite_conn *s, sqlite3_stmt *stmt, const struct statement *statement,
	const struct sql_call *call, size_t *rows)
{
	struct stored_row stored;
	int code = SQLITE_DONE;
	bool kept;
	size_t n = 0;

	while (n < call->limit && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		void *const row = (char *)call->out + n * statement->size;

		TRY(sqlite_row_read(stmt, statement, call->arena, row, &stored));
		TRY(row_mac_judge(call, statement, row, &stored, n, &kept));
		n += kept;
	}
	TRY(diagnose(s, code));
	*rows = n;
	return OK;
}

static enum err execute_change(struct sqlite_conn *s, sqlite3_stmt *stmt, size_t *rows)
{
	TRY(diagnose(s, sqlite3_step(stmt)));
	*rows = (size_t)sqlite3_changes(s->db);
	return OK;
}

static enum err run_one(struct sqlite_conn *s, const struct sql_call *call, size_t *rows)
{
	const struct statement *const statement = &s->all->list[call->statement];
	sqlite3_stmt *stmt;
	enum err e;

	assert(s->writing || statement->out != NULL);
	if (s->prepared[call->statement] == NULL)
		TRY(prepare_one(s, statement->text, &s->prepared[call->statement]));
	stmt = s->prepared[call->statement];
	e = diagnose(s, sqlite_row_bind(stmt, statement, call));
	if (e == OK)
		e = statement->out != NULL ? fetch_rows(s, stmt, statement, call, rows)
					   : execute_change(s, stmt, rows);
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
	return e;
}

static enum err sqlite_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);
	struct sql_call update = *call;

	update.statement = s->all->list[call->statement].update;
	if (update.statement != 0)
		TRY(run_one(s, &update, rows));
	return update.statement != 0 && *rows > 0 ? OK : run_one(s, call, rows);
}

static enum err sqlite_clock(struct sql *sql, moment *now)
{
	sqlite3_stmt *const stmt = sqlite_from_base(sql)->controls[CONTROL_CLOCK];
	const int code = sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		*now = (moment){ sqlite3_column_int64(stmt, 0) };
	(void)sqlite3_reset(stmt);
	return code == SQLITE_ROW ? OK : ERR_STORAGE;
}

static int on_wal_commit(void *arg, sqlite3 *db maybe_unused, const char *name maybe_unused, int pages)
{
	struct sqlite_conn *const s = arg;

	s->wal_pages = pages;
	sqlite_condition_clear();
	return SQLITE_OK;
}

static size_t sqlite_wal_pages(struct sql *sql)
{
	return (size_t)sqlite_from_base(sql)->wal_pages;
}

/* Runs a checkpoint. A failure is not logged: if its cause persists, the next commit fails and reports it. */
static bool run_checkpoint(struct sqlite_conn *s, int how)
{
	int code;

	(void)sqlite3_busy_timeout(s->db, CHECKPOINT_BUSY_MS);
	code = sqlite3_wal_checkpoint_v2(s->db, NULL, how, NULL, NULL);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	return code == SQLITE_OK;
}

/* Makes a checkpoint. A long-running reader, such as a backup, prevents that the whole WAL is copied. If the
 * WAL is large, the checkpoint waits for readers (TRUNCATE). If that fails, the next TRUNCATE is made when
 * the WAL has doubled, because otherwise every commit would wait. */
static void sqlite_checkpoint(struct sql *sql)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);

	if (s->wal_pages < s->truncate_pages)
		(void)run_checkpoint(s, SQLITE_CHECKPOINT_PASSIVE);
	else if (run_checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE))
		s->truncate_pages = WAL_TRUNCATE_PAGES;
	else
		s->truncate_pages = s->wal_pages < INT_MAX / 2 ? 2 * s->wal_pages : INT_MAX;
	s->wal_pages = 0;
}

/* The query makes the connection open the WAL; without an open WAL a checkpoint does nothing. */
static enum err sqlite_checkpoint_passive(struct sql *sql, size_t *pages_copied)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);
	int64_t tables;
	int n = 0;

	TRY(sqlite_query_number(sql, "SELECT count(*) FROM sqlite_schema", &tables));
	TRY(diagnose(s, sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, &n)));
	*pages_copied = n > 0 ? (size_t)n : 0;
	return OK;
}

/* If the connection writes, empties the WAL first, because old pages in it contain deleted content. */
static void sqlite_close(struct sql *sql)
{
	struct sqlite_conn *const s = sqlite_from_base(sql);

	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(s->prepared[i]);
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		(void)sqlite3_finalize(s->controls[i]);
	if (s->files.db != NULL && !open_files_may_checkpoint(&s->files))
		(void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	else if (s->writing)
		(void)run_checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
	open_files_finish(&s->files);
	(void)sqlite3_close(s->db);
	free(s->path);
	free(s);
}

static const struct sql_ops sqlite_ops = {
	.script = sqlite_script,
	.query_number = sqlite_query_number,
	.prepare = sqlite_prepare,
	.clone = sqlite_clone,
	.begin = sqlite_begin,
	.savepoint = sqlite_savepoint,
	.release_savepoint = sqlite_release_savepoint,
	.rollback_to_savepoint = sqlite_rollback_to_savepoint,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.run = sqlite_run,
	.clock = sqlite_clock,
	.wal_pages = sqlite_wal_pages,
	.checkpoint = sqlite_checkpoint,
	.checkpoint_passive = sqlite_checkpoint_passive,
	.check_files = sqlite_check_files,
	.close = sqlite_close,
};

static enum err configure_connection(struct sqlite_conn *s)
{
	int64_t is_wal;

	TRY(diagnose(s, sqlite3_busy_timeout(s->db, BUSY_MS)));
	TRY(diagnose(s, sqlite_set_options(s->db, s->writing)));
	for (size_t i = 0; i < CONTROL_COUNT; i++)
		TRY(prepare_one(s, control_texts[i], &s->controls[i]));
	if (!s->writing)
		return OK;
	(void)sqlite3_wal_hook(s->db, on_wal_commit, s);
	TRY(sqlite_query_number(&s->base, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal));
	/* Without shared memory SQLite cannot use a WAL, and without a WAL readers block the writer. */
	return is_wal ? OK : ERR_STORAGE;
}

enum err sqlite_driver_open(const char *path, enum connection_mode use, struct sql **out)
{
	/* SQLite's own mutex is off, because two threads never use a connection at the same time. */
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct sqlite_conn *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	s->base = (struct sql){ .ops = &sqlite_ops, .dialect = &sqlite_dialect };
	s->writing = use == CONNECTION_READ_WRITE;
	s->truncate_pages = WAL_TRUNCATE_PAGES;
	s->path = strdup(path);
	/* Turns off SQLite's memory statistics, because all threads would contend for their lock. This works
	 * only before SQLite is initialized; later calls fail without harm. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	e = s->path == NULL
		    ? ERR_INTERNAL
		    : diagnose(s, sqlite3_open_v2(path, &s->db, flags, s->writing ? sqlite_wal_vfs() : NULL));
	if (e == OK)
		e = configure_connection(s);
	if (e == OK && !file_identity_read(path, &s->identity))
		e = ERR_STORAGE;
	if (e != OK) {
		sqlite_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}
