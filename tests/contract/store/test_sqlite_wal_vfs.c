/* Tests of the VFS that writes SQLite's WAL in large blocks (store/sqlite/wal_vfs.h), on top of a VFS that
 * counts writes and flushes and fails on demand. Committed data must be in the file, other data must not, and
 * a commit must need few writes. */
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

/* A VFS that counts writes and syncs of WAL files and otherwise forwards to the operating system's VFS. */
static sqlite3_vfs counting_vfs;
static sqlite3_vfs *system_vfs;
static sqlite3_io_methods counting_methods;
static int (*real_write)(sqlite3_file *, const void *, int, sqlite3_int64);
static int (*real_sync)(sqlite3_file *, int);
static size_t writes, syncs, writes_until_failure = SIZE_MAX;

static int counting_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	writes++;
	if (writes_until_failure == 0)
		return SQLITE_FULL;
	writes_until_failure -= writes_until_failure != SIZE_MAX;
	return real_write(file, from, n, at);
}

static int counting_sync(sqlite3_file *file, int flags)
{
	syncs++;
	return real_sync(file, flags);
}

static int counting_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	const int code = system_vfs->xOpen(system_vfs, name, file, flags, out);

	(void)vfs;
	if (code != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0)
		return code;
	counting_methods = *file->pMethods;
	real_write = counting_methods.xWrite;
	real_sync = counting_methods.xSync;
	counting_methods.xWrite = counting_write;
	counting_methods.xSync = counting_sync;
	file->pMethods = &counting_methods;
	return code;
}

struct fixture {
	char folder[64], path[80];
	sqlite3 *db;
};

static void run_sql(sqlite3 *db, int expected, const char *text)
{
	const int code = sqlite3_exec(db, text, NULL, NULL, NULL);

	if (code != expected)
		fail_msg("%s: %d %s", text, code, sqlite3_errmsg(db));
}

static int64_t query_number(sqlite3 *db, const char *text)
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
	struct fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	(void)snprintf(s->folder, sizeof(s->folder), "/tmp/kycd-wal-XXXXXX");
	assert_non_null(mkdtemp(s->folder));
	(void)snprintf(s->path, sizeof(s->path), "%s/t.db", s->folder);
	assert_non_null(sqlite_wal_vfs());
	s->db = open_at(s->path, sqlite_wal_vfs());
	run_sql(s->db, SQLITE_OK,
		"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
		"CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)");
	writes = syncs = 0;
	writes_until_failure = SIZE_MAX;
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
	struct fixture *const s = *state;

	writes_until_failure = SIZE_MAX;
	(void)sqlite3_close(s->db);
	remove_all(s->folder);
	free(s);
	return 0;
}

#define COUNT_TO_100 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"

/* 100 rows of 3,900 bytes fill about a hundred pages, for which SQLite alone would need 200 writes. */
static void large_commit_needs_few_writes_and_one_sync(void **state)
{
	struct fixture *const s = *state;

	run_sql(s->db, SQLITE_OK, "INSERT INTO t " COUNT_TO_100 " SELECT i, randomblob(3900) FROM n");
	assert_in_range(writes, 1, 6);
	assert_int_equal(syncs, 1);
	writes = 0;
	run_sql(s->db, SQLITE_OK, "INSERT INTO t VALUES (1000, 'x')");
	assert_int_equal(writes, 1);
}

static void copy_file(const struct fixture *s, const char *suffix)
{
	char from[128], to[128], block[4096];
	FILE *in, *out;
	size_t n;

	(void)snprintf(from, sizeof(from), "%s%s", s->path, suffix);
	(void)snprintf(to, sizeof(to), "%s/cut.db%s", s->folder, suffix);
	in = fopen(from, "re");
	out = fopen(to, "we");
	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(block, 1, sizeof(block), in)) > 0)
		assert_int_equal(fwrite(block, 1, n, out), n);
	(void)fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* After a power failure, the files hold at least what was synced when the commit returned. The test opens a
 * copy of the files made at that time. */
static void committed_rows_are_in_the_files(void **state)
{
	struct fixture *const s = *state;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/cut.db", s->folder);
	for (int i = 1; i <= 20; i++) {
		sqlite3 *cut;

		run_sql(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES (randomblob(9000))");
		copy_file(s, "");
		copy_file(s, "-wal");
		cut = open_at(path, NULL);
		assert_int_equal(query_number(cut, "SELECT count(*) FROM t"), i);
		assert_int_equal(sqlite3_close(cut), SQLITE_OK);
	}
}

static void rows_are_visible_to_others_only_after_commit(void **state)
{
	struct fixture *const s = *state;
	sqlite3 *const other = open_at(s->path, NULL);

	run_sql(s->db, SQLITE_OK,
		"PRAGMA cache_size = 10; BEGIN; INSERT INTO t " COUNT_TO_100
		" SELECT i, randomblob(3900) FROM n");
	assert_int_equal(query_number(s->db, "SELECT sum(length(body)) FROM t"), 390000);
	assert_int_equal(query_number(other, "SELECT count(*) FROM t"), 0);
	run_sql(s->db, SQLITE_OK, "COMMIT");
	assert_int_equal(query_number(other, "SELECT count(*) FROM t"), 100);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* Pages of a transaction that did not fit into the cache are written to the WAL before the rollback. The next
 * transaction must overwrite them. */
static void rolled_back_pages_are_overwritten(void **state)
{
	struct fixture *const s = *state;
	sqlite3 *const other = open_at(s->path, NULL);

	for (int i = 1; i <= 5; i++) {
		run_sql(s->db, SQLITE_OK,
			"PRAGMA cache_size = 10; BEGIN; INSERT INTO t (body) " COUNT_TO_100
			" SELECT randomblob(3900) FROM n; UPDATE t SET body = zeroblob(3900); ROLLBACK");
		run_sql(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES (randomblob(3900))");
		assert_int_equal(query_number(other, "SELECT count(*) FROM t"), i);
		assert_int_equal(
			query_number(other, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
	}
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

/* If any write of a commit fails, the commit fails and none of its rows is stored. */
static void failed_write_fails_the_commit(void **state)
{
	struct fixture *const s = *state;

	for (size_t i = 0; i < 3; i++) {
		writes_until_failure = i;
		run_sql(s->db, SQLITE_FULL,
			"INSERT INTO t " COUNT_TO_100 " SELECT i, randomblob(3900) FROM n");
		writes_until_failure = SIZE_MAX;
		assert_int_equal(query_number(s->db, "SELECT count(*) FROM t"), 0);
	}
	run_sql(s->db, SQLITE_OK, "INSERT INTO t (body) VALUES ('x')");
	assert_int_equal(query_number(s->db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(query_number(s->db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void wal_restarts_after_a_checkpoint(void **state)
{
	struct fixture *const s = *state;

	for (int i = 1; i <= 10; i++) {
		run_sql(s->db, SQLITE_OK,
			"INSERT INTO t (body) " COUNT_TO_100 " SELECT randomblob(3900) FROM n");
		run_sql(s->db, SQLITE_OK,
			i % 2 ? "PRAGMA wal_checkpoint(TRUNCATE)" : "PRAGMA wal_checkpoint(PASSIVE)");
	}
	assert_int_equal(sqlite3_close(s->db), SQLITE_OK);
	s->db = open_at(s->path, NULL);
	assert_int_equal(query_number(s->db, "SELECT count(*) FROM t"), 1000);
	assert_int_equal(query_number(s->db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(large_commit_needs_few_writes_and_one_sync),
		TEST(committed_rows_are_in_the_files),
		TEST(rows_are_visible_to_others_only_after_commit),
		TEST(rolled_back_pages_are_overwritten),
		TEST(failed_write_fails_the_commit),
		TEST(wal_restarts_after_a_checkpoint),
	};

	/* This must run before the first call of sqlite_wal_vfs(), which uses the VFS that is the default at
	 * that time. */
	system_vfs = sqlite3_vfs_find(NULL);
	counting_vfs = *system_vfs;
	counting_vfs.zName = "counting";
	counting_vfs.xOpen = counting_open;
	(void)sqlite3_vfs_register(&counting_vfs, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
