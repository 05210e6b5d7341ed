/* Tests of the SQLite file: permissions, rejected files, schema migrations, SIGKILL, and the removal of
 * deleted bytes. */
#include "stores.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sql/migrate.h"
#include "store/sqlite/upgrade.h"

static const char *path_with_suffix(struct fixture *f, const char *suffix)
{
	const struct str path = arena_printf(&f->arena, "%s%s", f->path, suffix);

	assert_non_null(path.p);
	return path.p;
}

static void assert_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, mode);
}

static void make_database(struct fixture *f)
{
	struct str why = STR("");

	assert_int_equal(sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), OK);
}

static void run_script(struct fixture *f, const char *text)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
}

static void write_file(struct fixture *f, const char *text, size_t n)
{
	char folder[FOLDER_SIZE + 8];
	int fd;

	(void)snprintf(folder, sizeof(folder), "%s/var", f->folder);
	(void)mkdir(folder, 0700);
	fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(close(fd), 0);
}

static void only_the_owner_may_access_the_files(void **state)
{
	struct fixture *const f = *state;
	const mode_t old = umask(0);
	struct store *const store = sqlite_open(f, 0);
	char folder[FOLDER_SIZE + 8];

	(void)umask(old);
	(void)snprintf(folder, sizeof(folder), "%s/var", f->folder);
	assert_mode(folder, 0700);
	assert_mode(f->path, 0600);
	assert_mode(path_with_suffix(f, "-wal"), 0600);
	assert_mode(path_with_suffix(f, "-shm"), 0600);
	store->ops->close(store);
	assert_int_not_equal(access(path_with_suffix(f, "-wal"), F_OK), 0);
}

static void prepare_nothing(struct fixture *f)
{
	(void)f;
}
static void prepare_folder_only(struct fixture *f)
{
	make_database(f);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(unlink(arena_printf(&f->arena, "%s.created", f->path).p), 0);
}
static void prepare_empty(struct fixture *f)
{
	write_file(f, "", 0);
}
static void prepare_text(struct fixture *f)
{
	char text[4096];

	memset(text, 'x', sizeof(text));
	write_file(f, text, sizeof(text));
}
static void prepare_other_program(struct fixture *f)
{
	write_file(f, "", 0);
	run_script(f, "CREATE TABLE songs (name TEXT)");
}
static void prepare_newer(struct fixture *f)
{
	make_database(f);
	run_script(f, "INSERT INTO schema_migrations (version, applied_at) VALUES (77, 0)");
}
static void prepare_table_lost(struct fixture *f)
{
	make_database(f);
	run_script(f, "DROP TABLE otps");
}
static void prepare_column_misspelt(struct fixture *f)
{
	make_database(f);
	run_script(f, "ALTER TABLE users RENAME COLUMN language TO tongue");
}
static void prepare_folder_in_the_way(struct fixture *f)
{
	prepare_folder_only(f);
	assert_int_equal(mkdir(f->path, 0700), 0);
}

static void unsuitable_file_is_rejected_with_a_reason(void **state)
{
	static const struct {
		const char *name;
		void (*prepare)(struct fixture *f);
		enum err expected;
		const char *why;
	} rows[] = {
		{ "no folder", prepare_nothing, ERR_NOT_FOUND, "no such database" },
		{ "no file", prepare_folder_only, ERR_NOT_FOUND, "kycd db migrate" },
		{ "empty file", prepare_empty, ERR_INPUT, "is empty" },
		{ "text file", prepare_text, ERR_INPUT, "is not a SQLite database" },
		{ "database of another program", prepare_other_program, ERR_INPUT, "not one of kycd" },
		{ "newer schema", prepare_newer, ERR_CONFLICT, ": a newer kycd is needed" },
		{ "missing table", prepare_table_lost, ERR_STORAGE, "does not have the tables" },
		{ "renamed column", prepare_column_misspelt, ERR_STORAGE, "does not have the tables" },
		{ "folder instead of a file", prepare_folder_in_the_way, ERR_NOT_FOUND, "cannot be opened" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct sqlite_conf conf = { .path = str_of(f->path), .micros = test_micros };
		struct store *store = NULL;
		struct str why = STR("");

		rows[i].prepare(f);
		print_message("# %s\n", rows[i].name);
		assert_int_equal(sqlite_store_open(&conf, &f->arena, &store, &why), rows[i].expected);
		assert_null(store);
		assert_contains(why, f->path);
		assert_contains(why, rows[i].why);
		(void)rmdir(f->path);
		folder_remove(f);
		assert_int_equal(mkdir(f->folder, 0700), 0);
	}
}

static void path_without_file_name_is_rejected(void **state)
{
	static const struct str paths[] = { STR_INIT(""), STR_INIT("/"), STR_INIT("a\0b"), STR_INIT("var/") };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(paths); i++) {
		struct str why = STR("");
		int64_t version;

		assert_int_equal(sqlite_store_version(paths[i], &f->arena, &version, &why), ERR_INPUT);
		assert_contains(why, "does not name a file");
	}
}

static void schema_version_is_reported(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");
	int64_t version = -1;

	write_file(f, "", 0);
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, 0);
	make_database(f);
	make_database(f); /* the second migration changes nothing */
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, sqlite_store_schema_version());
	prepare_newer(f);
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, 77);
	assert_int_equal(
		sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), ERR_CONFLICT);
}

static struct sqlite_file file_with(struct fixture *f, const struct migrations *migrations, struct str *why)
{
	struct sqlite_file file;

	assert_int_equal(sqlite_file_init(&file, str_of(f->path), &f->arena, why), OK);
	file.migrations = migrations;
	return file;
}

static int64_t query_number(const char *path, const char *question)
{
	struct sql *sql = NULL;
	int64_t number = -1;

	assert_int_equal(sqlite_driver_open(path, CONNECTION_READ_ONLY, &sql), OK);
	assert_int_equal(sql->ops->query_number(sql, question, &number), OK);
	sql->ops->close(sql);
	return number;
}

#define MIGRATIONS_MAX 64

/* Returns the program's migrations followed by `n` more. They are stored in `list`. */
static struct migrations migrations_plus(struct migration *list, const char *const *texts, size_t n)
{
	const size_t own = schema_migrations.n;

	assert_true(own + n <= MIGRATIONS_MAX);
	memcpy(list, schema_migrations.list, own * sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[own + i] = (struct migration){ (int64_t)(own + i + 1), "next", texts[i] };
	return (struct migrations){ list, own + n };
}

/* Two migrations run after a backup was made. If one fails, neither takes effect. */
static void older_schema_is_migrated(void **state)
{
	struct fixture *const f = *state;
	const char *const table =
		"CREATE TABLE extras (id {text} NOT NULL PRIMARY KEY, n {int}, b {bytes}) {strict};";
	const char *const broken[] = { table,
		"INSERT INTO extras VALUES ('a', 1, x'00'); INSERT INTO nowhere VALUES (1);" };
	const char *const valid[] = { table, "INSERT INTO extras VALUES ('a', {now}, x'')" };
	struct migration broken_list[MIGRATIONS_MAX], valid_list[MIGRATIONS_MAX];
	const struct migrations to_broken = migrations_plus(broken_list, broken, 2);
	const struct migrations to_valid = migrations_plus(valid_list, valid, 2);
	const int64_t version = (int64_t)schema_migrations.n;
	struct tenant tenant = { .id = { "t" }, .name = "shop" };
	struct str why = STR("");
	struct sqlite_file file;
	struct store *store = sqlite_open(f, 0);

	assert_int_equal(run_action(f, store, DO_ADD, RECORD_TENANT, &tenant), OK);
	store->ops->close(store);

	file = file_with(f, &to_broken, &why);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
	assert_contains(why, "nothing was changed");
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_migrations"), version);
	assert_int_equal(
		query_number(f->path, "SELECT count(*) FROM sqlite_master WHERE name = 'extras'"), 0);

	file.migrations = &to_valid;
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_migrations"), version + 2);
	assert_int_equal(query_number(f->path, "SELECT n > 1700000000000 FROM extras"), 1);
	assert_int_equal(query_number(f->path, "SELECT count(*) FROM tenants WHERE name = 'shop'"), 1);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
}

/* A store that may not migrate rejects an older schema and names both versions. */
static void older_schema_is_rejected_with_both_versions(void **state)
{
	struct fixture *const f = *state;
	const char *const more[] = { "SELECT 1" };
	struct migration list[MIGRATIONS_MAX];
	const struct migrations migrations = migrations_plus(list, more, 1);
	struct str why = STR("");
	const struct sqlite_file file = (make_database(f), file_with(f, &migrations, &why));
	enum schema schema;
	int64_t version;
	char expected_text[96];

	assert_int_equal(sqlite_file_inspect(&file, &schema, &version), OK);
	assert_int_equal(schema, SCHEMA_OLDER);
	assert_int_equal(sqlite_file_fail_schema(&file, schema, version), ERR_CONFLICT);
	(void)snprintf(expected_text, sizeof(expected_text),
		"version %zu, this program's is %zu: run `kycd db migrate`", schema_migrations.n,
		schema_migrations.n + 1);
	assert_contains(why, expected_text);
}

static void unknown_placeholder_in_a_migration_fails(void **state)
{
	static const char *const texts[] = { "CREATE TABLE a (b {blob})", "CREATE TABLE a (b {text)" };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(texts); i++) {
		const struct migration migration = { 1, "0001", texts[i] };
		const struct migrations migrations = { &migration, 1 };
		struct str why = STR("");
		struct sqlite_file file;

		write_file(f, "", 0);
		file = file_with(f, &migrations, &why);
		assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_INTERNAL);
		assert_int_equal(query_number(f->path, "SELECT count(*) FROM sqlite_master"), 0);
	}
}

/* Writes a row, sends one byte to `pipe_fd`, and waits to be killed. */
static void write_and_wait(struct fixture *f, int pipe_fd)
{
	struct store *const store = sqlite_open(f, 0);
	struct quota row = { { "kept" }, 1, 42, 0, 0 };

	if (run_action(f, store, DO_ADD, RECORD_QUOTA, &row) == OK)
		(void)!write(pipe_fd, "!", 1);
	for (;;)
		(void)pause();
}

static void committed_write_survives_sigkill(void **state)
{
	struct fixture *const f = *state;
	struct quota row = { .tenant_id = { "kept" }, .month = 1 };
	struct store *store;
	int pipe_fd[2], status;
	char c;
	pid_t child;

	assert_int_equal(pipe(pipe_fd), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		write_and_wait(f, pipe_fd[1]);
		_exit(1);
	}
	(void)close(pipe_fd[1]);
	assert_int_equal(read(pipe_fd[0], &c, 1), 1);
	(void)close(pipe_fd[0]);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	store = sqlite_open(f, 0);
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_QUOTA, &row), OK);
	assert_int_equal(row.used, 42);
	store->ops->close(store);
}

#define MARKER "planted-value-of-one-person"

static size_t count_in_file(const char *path, const char *marker)
{
	FILE *const file = fopen(path, "r");
	static char bytes[32 * 1024 * 1024];
	size_t n, found = 0;
	const char *at = bytes;

	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes), file);
	assert_true(n < sizeof(bytes));
	assert_int_equal(fclose(file), 0);
	while ((at = memmem(at, n - (size_t)(at - bytes), marker, strlen(marker))) != NULL) {
		found++;
		at++;
	}
	return found;
}

static size_t count_in_folder(struct fixture *f, const char *marker)
{
	char folder[FOLDER_SIZE + 8];
	const struct dirent *entry;
	size_t found = 0;
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%s/var", f->folder);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[sizeof(entry->d_name) + sizeof(folder)];

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_type == DT_REG)
			found += count_in_file(path, marker);
	}
	assert_int_equal(closedir(dir), 0);
	return found;
}

/* Enough rows that removing and changing them splits, merges and moves pages. Long values are stored in
 * overflow pages. */
#define MARKED_ROWS 400

enum change { REMOVED, EMPTIED, REPLACED, CHANGES };

static void make_marked_effect(struct effect *e, unsigned i, char *text, size_t size)
{
	const size_t n = strlen(MARKER) + (i % 5 == 0 ? (size_t)9000 : i % 300);

	assert_true(n < size);
	memset(text, '.', n);
	memcpy(text + n - strlen(MARKER), MARKER, strlen(MARKER));
	*e = (struct effect){ .sealed_payload = { text, n }, .user_id = { "u" } };
	(void)snprintf(e->id.text, sizeof(e->id.text), "%u", i * 7919 % MARKED_ROWS);
}

static void remove_marker(struct fixture *f, struct store *store, unsigned i, enum change change)
{
	static char text[10000];
	struct effect e;

	make_marked_effect(&e, i, text, sizeof(text));
	e.sealed_payload = change == REPLACED ? STR("something else") : STR("");
	assert_int_equal(
		run_action(f, store, change == REMOVED ? DO_REMOVE : DO_SAVE, RECORD_EFFECT, &e), OK);
}

static void deleted_values_are_not_in_the_files(void **state)
{
	struct fixture *const f = *state;
	static char text[10000];
	struct store *store = sqlite_open(f, 0);
	struct effect e;

	for (unsigned i = 0; i < MARKED_ROWS; i++) {
		make_marked_effect(&e, i, text, sizeof(text));
		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_EFFECT, &e), OK);
	}
	store->ops->close(store);
	/* Until the rows are removed, SQLite may keep copies of rows that it moved to another page. */
	assert_true(count_in_folder(f, MARKER) >= MARKED_ROWS);
	store = sqlite_open(f, 0);
	for (unsigned i = 0; i < MARKED_ROWS; i++)
		remove_marker(f, store, i, i % CHANGES);
	store->ops->close(store);
	assert_int_equal(count_in_folder(f, MARKER), 0);
	assert_int_not_equal(count_in_folder(f, "something else"), 0);
}

static void wal_size_is_bounded(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = sqlite_open(f, 0);
	char *const bytes = arena_bytes(&f->arena, 65536, 1);
	struct user user = { .id = { "u" } };
	struct stat st;

	assert_non_null(bytes);
	for (int i = 0; i < 1000; i++) {
		memset(bytes, i, 65536);
		user.wrapped_key = (struct str){ bytes, 65536 };
		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_USER, &user), OK);
	}
	assert_int_equal(stat(path_with_suffix(f, "-wal"), &st), 0);
	assert_true(st.st_size < (off_t)20 * 1024 * 1024);
	assert_int_equal(query_number(f->path, "SELECT count(*) FROM users"), 1);
	store->ops->close(store);
}

/* The WAL contains old pages, so closing the store empties the WAL, even while another process has the file
 * open. */
static void wal_is_empty_after_close(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = sqlite_open(f, 0);
	struct quota row = { .tenant_id = { "t" } };
	struct sql *other = NULL;
	struct stat st;

	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_ONLY, &other), OK);
	assert_int_equal(run_action(f, store, DO_ADD, RECORD_QUOTA, &row), OK);
	assert_int_equal(stat(path_with_suffix(f, "-wal"), &st), 0);
	assert_int_not_equal(st.st_size, 0);
	store->ops->close(store);
	assert_int_equal(stat(path_with_suffix(f, "-wal"), &st), 0);
	assert_int_equal(st.st_size, 0);
	other->ops->close(other);
}

static void consistent_database_passes_the_check(void **state)
{
	static const struct {
		const char *script, *why;
	} rows[] = {
		{ "DELETE FROM users", "enrolments.user_id" },
		{ "DELETE FROM tenants", "enrolments.tenant_id" },
	};
	struct fixture *const f = *state;
	struct str why = STR("");

	for (size_t i = 0; i < array_len(rows); i++) {
		struct store *const store = sqlite_open(f, 0);
		struct tenant tenant = { .id = { "t" }, .name = "shop" };
		struct user user = { .id = { "u" } };
		struct enrolment enrolment = { .tenant_id = { "t" }, .user_id = { "u" } };

		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_TENANT, &tenant), OK);
		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_USER, &user), OK);
		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_ENROLMENT, &enrolment), OK);
		assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), OK);
		store->ops->close(store);
		assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), OK);
		run_script(f, rows[i].script);
		assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), ERR_STORAGE);
		assert_contains(why, rows[i].why);
	}
}

/* Overwrites a page in the middle of the file with zeros. */
static void damaged_file_fails_the_check(void **state)
{
	struct fixture *const f = *state;
	static const char zeros[4096];
	struct str why = STR("");
	int fd;

	make_database(f);
	assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), OK);
	fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)4096 * 5), sizeof(zeros));
	assert_int_equal(close(fd), 0);
	assert_int_equal(sqlite_store_check(str_of(f->path), &f->arena, &why), ERR_STORAGE);
	assert_contains(why, "is damaged");
}

#define ROUNDS 40

static enum err count_one(struct tx *tx, void *arg)
{
	struct quota q = { .tenant_id = { "t" }, .month = 1 };
	enum err e = store_load_quota(tx, &q);

	(void)arg;
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	q.used++;
	return store_save_quota(tx, &q);
}

static void count_rounds(void *arg)
{
	struct store *const store = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (int i = 0; i < ROUNDS; i++) {
		if (store_transact(store, TX_WRITE, &arena, count_one, NULL) != OK)
			abort();
	}
	arena_finish(&arena);
}

/* A server and a command may write to one file at the same time. */
static void two_stores_may_write_to_one_file(void **state)
{
	struct fixture *const f = *state;
	struct store *const one = sqlite_open(f, 0), *const two = sqlite_open(f, 0);
	struct quota q = { .tenant_id = { "t" }, .month = 1 };
	struct thread thread;

	assert_int_equal(thread_start(&thread, count_rounds, one), OK);
	count_rounds(two);
	thread_join(&thread);
	two->ops->close(two);
	assert_int_equal(run_action(f, one, DO_LOAD, RECORD_QUOTA, &q), OK);
	assert_int_equal(q.used, 2 * ROUNDS);
	one->ops->close(one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_owner_may_access_the_files),
		TEST(unsuitable_file_is_rejected_with_a_reason),
		TEST(path_without_file_name_is_rejected),
		TEST(schema_version_is_reported),
		TEST(older_schema_is_migrated),
		TEST(older_schema_is_rejected_with_both_versions),
		TEST(unknown_placeholder_in_a_migration_fails),
		TEST(committed_write_survives_sigkill),
		TEST(deleted_values_are_not_in_the_files),
		TEST(wal_size_is_bounded),
		TEST(wal_is_empty_after_close),
		TEST(consistent_database_passes_the_check),
		TEST(damaged_file_fails_the_check),
		TEST(two_stores_may_write_to_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
