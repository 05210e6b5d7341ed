#include "store/sqlite/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "store/sqlite/code.h"

#define BUSY_MS 5000
/* The copy runs in steps of 1 MiB (pages of 4 KiB) and is flushed to the disk every four steps. */
#define PAGES_PER_STEP 256
#define STEPS_PER_FLUSH 4
/* Number of instructions of SQLite's virtual machine between two checks for cancellation. They take some
 * milliseconds. */
#define INSTRUCTIONS_PER_CHECK 100000
#define COLUMNS_MAX 64
#define SCHEMA_NAME "sqlite_schema"

struct snapshot {
	sqlite3 *db;
	const struct cancel_token *cancel; /* NULL: cannot be cancelled */
	const char *error;
};

static const char *code_message(sqlite3 *db, int code)
{
	const int system_error = sqlite3_system_errno(db);

	if (code == SQLITE_FULL || system_error == EFBIG || system_error == ENOSPC || system_error == EDQUOT)
		return SNAPSHOT_DISK_FULL;
	return sqlite3_errstr(code);
}

static enum err set_error(struct snapshot *s, sqlite3 *db, int code)
{
	const enum err e = sqlite_code_err(code);

	if (e != OK)
		s->error = code_message(db, code & 0xff);
	return e;
}

/* Begins the snapshot. SQLite starts it with the first read of a transaction, so the script ends with a
 * query. */
static const char begin_snapshot_sql[] =
	"PRAGMA query_only = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY;"
	" PRAGMA cell_size_check = ON; BEGIN; SELECT count(*) FROM sqlite_schema;";

enum err snapshot_open(const char *path, struct snapshot **out)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	struct snapshot *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	s->error = "";
	e = set_error(s, s->db, sqlite3_open_v2(path, &s->db, flags, NULL));
	if (e == OK)
		e = set_error(s, s->db, sqlite3_busy_timeout(s->db, BUSY_MS));
	if (e == OK)
		e = set_error(s, s->db, sqlite3_exec(s->db, begin_snapshot_sql, NULL, NULL, NULL));
	if (e != OK) {
		snapshot_close(s);
		return e;
	}
	*out = s;
	return OK;
}

static int check_cancelled(void *arg)
{
	return is_cancelled(arg) ? 1 : 0;
}

void snapshot_set_cancel(struct snapshot *s, const struct cancel_token *token)
{
	s->cancel = token;
	sqlite3_progress_handler(s->db, INSTRUCTIONS_PER_CHECK, check_cancelled, (void *)(uintptr_t)token);
}

const char *snapshot_error(const struct snapshot *s)
{
	return s->error;
}

void snapshot_close(struct snapshot *s)
{
	if (s == NULL)
		return;
	(void)sqlite3_close(s->db);
	free(s);
}

static void digest_value(sqlite3_stmt *stmt, int i, char type, struct long_digest *d)
{
	const void *bytes;

	if (type == SQLITE_INTEGER) {
		const int64_t number = sqlite3_column_int64(stmt, i);

		long_digest_add(d, (struct str){ (const char *)&number, sizeof(number) });
		return;
	}
	bytes = sqlite3_column_blob(stmt, i);
	long_digest_add(d, (struct str){ bytes != NULL ? bytes : "", (size_t)sqlite3_column_bytes(stmt, i) });
}

/* Adds the types of the columns and then their values to the digest. */
static void digest_row(sqlite3_stmt *stmt, struct long_digest *d)
{
	const int n = sqlite3_column_count(stmt);
	char types[COLUMNS_MAX];

	for (int i = 0; i < n; i++)
		types[i] = (char)sqlite3_column_type(stmt, i);
	long_digest_add(d, (struct str){ types, (size_t)n });
	for (int i = 0; i < n; i++)
		digest_value(stmt, i, types[i], d);
}

static enum err checksum_rows(struct snapshot *s, const char *sql_text, struct table_checksum *t)
{
	sqlite3_stmt *stmt = NULL;
	struct long_digest digest;
	int code;

	TRY(set_error(s, s->db, sqlite3_prepare_v2(s->db, sql_text, -1, &stmt, NULL)));
	long_digest_begin(&digest);
	code = sqlite3_column_count(stmt) <= COLUMNS_MAX ? SQLITE_OK : SQLITE_TOOBIG;
	while (code == SQLITE_OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		digest_row(stmt, &digest);
		t->rows++;
		code = SQLITE_OK;
	}
	long_digest_end(&digest, t->digest);
	(void)sqlite3_finalize(stmt);
	return set_error(s, s->db, code);
}

static enum err checksum_table(struct snapshot *s, struct table_checksum *t)
{
	char *const sql_text = sqlite3_mprintf("SELECT * FROM \"%w\"", t->name);
	enum err e;

	if (sql_text == NULL)
		return ERR_INTERNAL;
	e = checksum_rows(s, sql_text, t);
	sqlite3_free(sql_text);
	return e;
}

static enum err list_tables(struct snapshot *s, struct checksum *out)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(set_error(s, s->db,
		sqlite3_prepare_v2(s->db,
			"SELECT name FROM " SCHEMA_NAME " WHERE type = 'table' ORDER BY name", -1, &stmt,
			NULL)));
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *const name = (const char *)sqlite3_column_text(stmt, 0);

		if (out->n == CHECKSUM_TABLES || name == NULL ||
			!str_copy_to(str_of(name), out->tables[out->n].name, CHECKSUM_NAME)) {
			code = SQLITE_TOOBIG;
			break;
		}
		out->n++;
	}
	(void)sqlite3_finalize(stmt);
	return set_error(s, s->db, code);
}

enum err snapshot_checksum(struct snapshot *s, struct checksum *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->tables[0].name, SCHEMA_NAME, sizeof(SCHEMA_NAME));
	out->n = 1;
	TRY(list_tables(s, out));
	for (size_t i = 0; i < out->n; i++) {
		TRY(checksum_table(s, &out->tables[i]));
		if (i > 0)
			out->rows += out->tables[i].rows;
	}
	return OK;
}

bool checksum_equal(const struct checksum *a, const struct checksum *b)
{
	bool same = a->n == b->n;

	for (size_t i = 0; same && i < a->n; i++) {
		const struct table_checksum *const x = &a->tables[i], *const y = &b->tables[i];

		same = strcmp(x->name, y->name) == 0 && x->rows == y->rows &&
		       memcmp(x->digest, y->digest, DIGEST_BYTES) == 0;
	}
	return same;
}

/* Opens the file to which the snapshot is copied. It needs no journal, because a failed copy is deleted. */
static enum err open_target(struct snapshot *s, const char *to, sqlite3 **out)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	TRY(set_error(s, *out, sqlite3_open_v2(to, out, flags, NULL)));
	return set_error(s, *out,
		sqlite3_exec(*out,
			"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1024;",
			NULL, NULL, NULL));
}

/* Flushes the written pages and drops them from the page cache, so that memory is left for the pages of the
 * source, which the checksum reads again. Errors are ignored, because the caller's fsync() reports them. */
static void flush_written_pages(int fd)
{
	(void)fdatasync(fd);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int copy_pages(const struct snapshot *s, sqlite3_backup *copying, int fd)
{
	int code = SQLITE_OK;

	for (int step = 1; code == SQLITE_OK; step++) {
		if (s->cancel != NULL && is_cancelled(s->cancel))
			return SQLITE_INTERRUPT;
		code = sqlite3_backup_step(copying, PAGES_PER_STEP);
		if (step % STEPS_PER_FLUSH == 0)
			flush_written_pages(fd);
	}
	return code;
}

enum err snapshot_copy(struct snapshot *s, const char *to, int fd)
{
	sqlite3 *target = NULL;
	sqlite3_backup *copying = NULL;
	int code = SQLITE_ERROR;
	enum err e = open_target(s, to, &target);

	if (e == OK)
		copying = sqlite3_backup_init(target, "main", s->db, "main");
	if (copying != NULL) {
		code = copy_pages(s, copying, fd);

		const int finish_code = sqlite3_backup_finish(copying);

		if (code == SQLITE_DONE)
			code = finish_code;
	}
	if (e == OK)
		e = set_error(s, target, code);
	(void)sqlite3_close(target);
	return e;
}
