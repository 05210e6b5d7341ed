/* The log in large pieces, over a system that counts what it is asked for and fails on demand: what was
 * committed is in the file, what was not is not, and a commit is few writes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/sqlite/wal_vfs.h"

/* The system below: its own methods for logs, the rest as it is. */
static sqlite3_vfs below;
static sqlite3_vfs *system_below;
static sqlite3_io_methods counted;
static int (*write_below)(sqlite3_file *, const void *, int, sqlite3_int64);
static int (*sync_below)(sqlite3_file *, int);
static size_t writes, syncs, good_writes = SIZE_MAX;

static int count_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	writes++;
	if (good_writes == 0)
		return SQLITE_FULL;
	good_writes -= good_writes != SIZE_MAX;
	return write_below(file, from, n, at);
}

static int count_sync(sqlite3_file *file, int how)
{
	syncs++;
	return sync_below(file, how);
}

static int open_below(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	const int code = system_below->xOpen(system_below, name, file, flags, out);

	(void)vfs;
	if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0)
		return code;
	counted = *file->pMethods;
	write_below = counted.xWrite;
	sync_below = counted.xSync;
	counted.xWrite = count_write;
	counted.xSync = count_sync;
	file->pMethods = &counted;
	return code;
}

struct scene {
	char folder[64], path[80];
	sqlite3 *db;
};

static void run(sqlite3 *db, int expected, const char *text)
{
	const int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	if (code != expected)
		fail_msg("%s: %d %s", text, code, sqlite3_errmsg(db));
}

static int64_t ask(sqlite3 *db, const char *text)
{
	sqlite3_stmt *stmt;
	int64_t number;

	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

static sqlite3 *open_at(const char *path, const char *vfs)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, flags, vfs), SQLITE_OK);
	return db;
}

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/kycd-log-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(s->path, sizeof(s->path), "%s/t.db", s->folder);
	assert_non_null(sqlite_wal_vfs());
	s->db = open_at(s->path, sqlite_wal_vfs());
	run(s->db, SQLITE_OK,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
		"CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)");
	writes = syncs = 0;
	good_writes = SIZE_MAX;
	*state = s;
	return 0;
}

static void remove_all(const char *folder)
{
	static const char *const names[] = { "t.db", "t.db-wal", "t.db-shm", "cut.db", "cut.db-wal",
		"cut.db-shm" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	assert_int_equal(rmdir(folder), 0);
}

static int tear_down(void **state)
{
	struct scene *const s = *state;

	good_writes = SIZE_MAX;
	(void)sqlite3_close(s->db);
	remove_all(s->folder);
	free(s);
	return 0;
}

#define HUNDRED "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"

/* 100 rows of 4,000 bytes are a hundred pages: 200 writes as SQLite makes them. */
static void a_commit_is_few_writes_and_one_flush(void **state)
{
	struct scene *const s = *state;

	run(s->db, SQLITE_OK, "INSERT INTO t " HUNDRED " SELECT i, randomblob(3900) FROM n");
	assert_in_range(writes, 1, 6);
	assert_int_equal(syncs, 1);
	writes = 0;
	run(s->db, SQLITE_OK, "INSERT INTO t VALUES (1000, 'x')");
	assert_int_equal(writes, 1);
}

static void copy(const struct scene *s, const char *end)
{
	char from[128], to[128], block[4096];
	FILE *in, *out;
	size_t n;

	(void)snprintf(from, sizeof(from), "%s%s", s->path, end);
	(void)snprintf(to, sizeof(to), "%s/cut.db%s", s->folder, end);
	in = fopen(from, "re");
	out = fopen(to, "we");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		assert_int_equal(fwrite(block, 1, n, out), n);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* What the files hold when the commit returns is what a power cut leaves, at most. */
static void what_was_committed_is_in_the_files(void **state)
{
	struct scene *const s = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/cut.db", s->folder);
	for (int i = 1; i <= 20; i++) {
		sqlite3 *cut;

		run(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES (randomblob(9000))");
		copy(s, "");
		copy(s, "-wal");
		cut = open_at(path, NULL);
		assert_int_equal(ask(cut, "SELECT count(*) FROM t"), i);
		assert_int_equal(sqlite3_close(cut), SQLITE_OK);
	}
}

static void others_see_a_commit_and_nothing_before(void **state)
{
	struct scene *const s = *state;
	sqlite3 *const other = open_at(s->path, NULL);

	run(s->db, SQLITE_OK,
		"PRAGMA cache_size = 10; BEGIN; INSERT INTO t " HUNDRED " SELECT i, randomblob(3900) FROM n");
	assert_int_equal(ask(s->db, "SELECT sum(length(body)) FROM t"), 390000);
	assert_int_equal(ask(other, "SELECT count(*) FROM t"), 0);
	run(s->db, SQLITE_OK, "COMMIT");
	assert_int_equal(ask(other, "SELECT count(*) FROM t"), 100);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* Pages that left the cache are written, and then void: what comes next is written over them. */
static void what_was_rolled_back_leaves_nothing(void **state)
{
	struct scene *const s = *state;
	sqlite3 *const other = open_at(s->path, NULL);

	for (int i = 1; i <= 5; i++) {
		run(s->db, SQLITE_OK,
			"PRAGMA cache_size = 10; BEGIN; INSERT INTO t (body) " HUNDRED
			" SELECT randomblob(3900) FROM n; UPDATE t SET body = zeroblob(3900); ROLLBACK");
		run(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES (randomblob(3900))");
		assert_int_equal(ask(other, "SELECT count(*) FROM t"), i);
		assert_int_equal(ask(other, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	}
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* Whichever of the writes fails: the commit says so, and nothing of it is there. */
static void a_write_that_fails_fails_the_commit(void **state)
{
	struct scene *const s = *state;

	for (size_t i = 0; i < 3; i++) {
		good_writes = i;
		run(s->db, SQLITE_FULL, "INSERT INTO t " HUNDRED " SELECT i, randomblob(3900) FROM n");
		good_writes = SIZE_MAX;
		assert_int_equal(ask(s->db, "SELECT count(*) FROM t"), 0);
	}
	run(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES ('x')");
	assert_int_equal(ask(s->db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(ask(s->db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void a_log_begins_anew(void **state)
{
	struct scene *const s = *state;

	for (int i = 1; i <= 10; i++) {
		run(s->db, SQLITE_OK, "INSERT INTO t (body) " HUNDRED " SELECT randomblob(3900) FROM n");
		run(s->db, SQLITE_OK,
			i % 2 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)");
	}
	assert_int_equal(sqlite3_close(s->db), SQLITE_OK);
	s->db = open_at(s->path, NULL);
	assert_int_equal(ask(s->db, "SELECT count(*) FROM t"), 1000);
	assert_int_equal(ask(s->db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_commit_is_few_writes_and_one_flush),
		TEST(what_was_committed_is_in_the_files),
		TEST(others_see_a_commit_and_nothing_before),
		TEST(what_was_rolled_back_leaves_nothing),
		TEST(a_write_that_fails_fails_the_commit),
		TEST(a_log_begins_anew),
	};

	/* Before the first look for it, which takes what is the default then. */
	system_below = sqlite3_vfs_find(NULL);
	below = *system_below;
	below.zName = "below";
	below.xOpen = open_below;
	(void)sqlite3_vfs_register(&below, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
