/* What only a file can show: permissions, refusals, steps of the schema, kill -9, and what is left of wiped
 * bytes. */
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

static const char *beside(struct fixture *f, const char *ending)
{
	const struct str path = arena_printf(&f->arena, "%s%s", f->path, ending);

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

	assert_int_equal(sqlite_store_migrate(str_of(f->path), NULL, &f->arena, &why), OK);
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

static void files_are_for_us_alone(void **state)
{
	struct fixture *const f = *state;
	const mode_t old = umask(0);
	struct store *const store = sqlite_open(f, 0);
	char folder[FOLDER_SIZE + 8];

	(void)umask(old);
	(void)snprintf(folder, sizeof(folder), "%s/var", f->folder);
	assert_mode(folder, 0700);
	assert_mode(f->path, 0600);
	assert_mode(beside(f, "-wal"), 0600);
	assert_mode(beside(f, "-shm"), 0600);
	store->ops->close(store);
	assert_int_not_equal(access(beside(f, "-wal"), F_OK), 0);
}

static void prepare_nothing(struct fixture *f)
{
	(void)f;
}
static void prepare_folder_only(struct fixture *f)
{
	make_database(f);
	assert_int_equal(unlink(f->path), 0);
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
static void prepare_strange(struct fixture *f)
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

static void refusals_say_why(void **state)
{
	static const struct {
		const char *name;
		void (*prepare)(struct fixture *f);
		enum err want;
		const char *why;
	} rows[] = {
		{ "no folder", prepare_nothing, ERR_NOT_FOUND, "no such database" },
		{ "no file", prepare_folder_only, ERR_NOT_FOUND, "kycd db migrate" },
		{ "an empty file", prepare_empty, ERR_INPUT, "is empty" },
		{ "a text", prepare_text, ERR_INPUT, "is not a SQLite database" },
		{ "another program's", prepare_strange, ERR_INPUT, "not one of kycd" },
		{ "a newer one", prepare_newer, ERR_CONFLICT, ": a newer kycd is needed" },
		{ "a table is lost", prepare_table_lost, ERR_STORAGE, "does not have the tables" },
		{ "a column is misspelt", prepare_column_misspelt, ERR_STORAGE, "does not have the tables" },
		{ "a folder", prepare_folder_in_the_way, ERR_NOT_FOUND, "cannot be opened" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct sqlite_conf conf = { .path = str_of(f->path), .micros = test_micros };
		struct store *store = NULL;
		struct str why = STR("");

		rows[i].prepare(f);
		print_message("# %s\n", rows[i].name);
		assert_int_equal(sqlite_store_open(&conf, &f->arena, &store, &why), rows[i].want);
		assert_null(store);
		assert_has(why, f->path);
		assert_has(why, rows[i].why);
		(void)rmdir(f->path);
		folder_remove(f);
		assert_int_equal(mkdir(f->folder, 0700), 0);
	}
}

static void paths_that_name_no_file(void **state)
{
	static const struct str paths[] = { STR_INIT(""), STR_INIT("/"), STR_INIT("a\0b"), STR_INIT("var/") };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(paths); i++) {
		struct str why = STR("");
		int64_t version;

		assert_int_equal(sqlite_store_version(paths[i], &f->arena, &version, &why), ERR_INPUT);
		assert_has(why, "does not name a file");
	}
}

static void versions_are_told(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");
	int64_t version = -1;

	write_file(f, "", 0);
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, 0);
	make_database(f);
	make_database(f); /* a second time changes nothing */
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, sqlite_store_schema_version());
	prepare_newer(f);
	assert_int_equal(sqlite_store_version(str_of(f->path), &f->arena, &version, &why), OK);
	assert_int_equal(version, 77);
	assert_int_equal(sqlite_store_migrate(str_of(f->path), NULL, &f->arena, &why), ERR_CONFLICT);
}

static struct sqlite_file file_with(struct fixture *f, const struct migrations *migrations, struct str *why)
{
	struct sqlite_file file;

	assert_int_equal(sqlite_file_init(&file, str_of(f->path), &f->arena, why), OK);
	file.migrations = migrations;
	return file;
}

static int64_t ask(const char *path, const char *question)
{
	struct sql *sql = NULL;
	int64_t number = -1;

	assert_int_equal(sqlite_driver_open(path, CONNECTION_READ_ONLY, &sql), OK);
	assert_int_equal(sql->ops->query_number(sql, question, &number), OK);
	sql->ops->close(sql);
	return number;
}

#define STEPS_MAX 64

/* The program's own steps and these after them. */
static struct migrations steps_and(struct migration *room, const char *const *texts, size_t n)
{
	const size_t own = schema_migrations.n;

	assert_true(own + n <= STEPS_MAX);
	memcpy(room, schema_migrations.list, own * sizeof(*room));
	for (size_t i = 0; i < n; i++)
		room[own + i] = (struct migration){ (int64_t)(own + i + 1), "next", texts[i] };
	return (struct migrations){ room, own + n };
}

/* Two steps forward, with a copy of what was; a step that fails takes the others with it. */
static void an_older_schema_is_brought_forward(void **state)
{
	struct fixture *const f = *state;
	const char *const table =
		"CREATE TABLE extras (id {text} NOT NULL PRIMARY KEY, n {int}, b {bytes}) {strict};";
	const char *const broken[] = { table,
		"INSERT INTO extras VALUES ('a', 1, x'00'); INSERT INTO nowhere VALUES (1);" };
	const char *const good[] = { table, "INSERT INTO extras VALUES ('a', {now}, x'')" };
	struct migration broken_room[STEPS_MAX], good_room[STEPS_MAX];
	const struct migrations to_broken = steps_and(broken_room, broken, 2);
	const struct migrations to_good = steps_and(good_room, good, 2);
	const int64_t was = (int64_t)schema_migrations.n;
	struct tenant tenant = { .id = { "t" }, .name = "shop" };
	struct str why = STR("");
	struct sqlite_file file;
	struct store *store = sqlite_open(f, 0);

	assert_int_equal(run_action(f, store, DO_ADD, RECORD_TENANT, &tenant), OK);
	store->ops->close(store);

	file = file_with(f, &to_broken, &why);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
	assert_has(why, "nothing was changed");
	assert_int_equal(ask(f->path, "SELECT max(version) FROM schema_migrations"), was);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM sqlite_master WHERE name = 'extras'"), 0);

	file.migrations = &to_good;
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(ask(f->path, "SELECT max(version) FROM schema_migrations"), was + 2);
	assert_int_equal(ask(f->path, "SELECT n > 1700000000000 FROM extras"), 1);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM tenants WHERE name = 'shop'"), 1);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
}

/* A store that is not to migrate refuses an older one by name. */
static void an_older_schema_is_refused_by_name(void **state)
{
	struct fixture *const f = *state;
	const char *const more[] = { "SELECT 1" };
	struct migration room[STEPS_MAX];
	const struct migrations migrations = steps_and(room, more, 1);
	struct str why = STR("");
	const struct sqlite_file file = (make_database(f), file_with(f, &migrations, &why));
	enum schema schema;
	int64_t version;
	char sentence[96];

	assert_int_equal(sqlite_file_inspect(&file, &schema, &version), OK);
	assert_int_equal(schema, SCHEMA_OLDER);
	assert_int_equal(sqlite_file_fail_schema(&file, schema, version), ERR_CONFLICT);
	(void)snprintf(sentence, sizeof(sentence),
		"version %zu, this program's is %zu: run `kycd db migrate`", schema_migrations.n,
		schema_migrations.n + 1);
	assert_has(why, sentence);
}

static void a_marker_that_nobody_knows_is_refused(void **state)
{
	static const char *const texts[] = { "CREATE TABLE a (b {blob})", "CREATE TABLE a (b {text)" };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(texts); i++) {
		const struct migration step = { 1, "0001", texts[i] };
		const struct migrations migrations = { &step, 1 };
		struct str why = STR("");
		struct sqlite_file file;

		write_file(f, "", 0);
		file = file_with(f, &migrations, &why);
		assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_INTERNAL);
		assert_int_equal(ask(f->path, "SELECT count(*) FROM sqlite_master"), 0);
	}
}

/* Writes, says so, and waits for its end. */
static void write_and_wait(struct fixture *f, int said)
{
	struct store *const store = sqlite_open(f, 0);
	struct quota row = { { "kept" }, 1, 42 };

	if (run_action(f, store, DO_ADD, RECORD_QUOTA, &row) == OK)
		(void)!write(said, "!", 1);
	for (;;)
		(void)pause();
}

static void an_acknowledged_write_survives_kill_9(void **state)
{
	struct fixture *const f = *state;
	struct quota row = { .tenant_id = { "kept" }, .month = 1 };
	struct store *store;
	int said[2], status;
	char c;
	pid_t child;

	assert_int_equal(pipe(said), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		write_and_wait(f, said[1]);
		_exit(1);
	}
	(void)close(said[1]);
	assert_int_equal(read(said[0], &c, 1), 1);
	(void)close(said[0]);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	store = sqlite_open(f, 0);
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_QUOTA, &row), OK);
	assert_int_equal(row.used, 42);
	store->ops->close(store);
}

#define MARK "planted-value-of-one-person"

static size_t count_in_file(const char *path, const char *mark)
{
	FILE *const file = fopen(path, "r");
	static char bytes[32 * 1024 * 1024];
	size_t n, found = 0;
	const char *at = bytes;

	assert_non_null(file);
	n = fread(bytes, 1, sizeof(bytes), file);
	assert_true(n < sizeof(bytes));
	assert_int_equal(fclose(file), 0);
	while ((at = memmem(at, n - (size_t)(at - bytes), mark, strlen(mark))) != NULL) {
		found++;
		at++;
	}
	return found;
}

static size_t count_in_folder(struct fixture *f, const char *mark)
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
			found += count_in_file(path, mark);
	}
	assert_int_equal(closedir(dir), 0);
	return found;
}

/* Many rows, so that pages are split, joined and moved about; long values have pages of their own. */
#define WIPED_ROWS 400

enum wiping { REMOVED, EMPTIED, REPLACED, WIPINGS };

static void plant(struct effect *e, unsigned i, char *text, size_t size)
{
	const size_t n = strlen(MARK) + (i % 5 == 0 ? (size_t)9000 : i % 300);

	assert_true(n < size);
	memset(text, '.', n);
	memcpy(text + n - strlen(MARK), MARK, strlen(MARK));
	*e = (struct effect){ .sealed_payload = { text, n }, .user_id = { "u" } };
	(void)snprintf(e->id.text, sizeof(e->id.text), "%u", i * 7919 % WIPED_ROWS);
}

static void wipe_one(struct fixture *f, struct store *store, unsigned i, enum wiping how)
{
	static char text[10000];
	struct effect e;

	plant(&e, i, text, sizeof(text));
	e.sealed_payload = how == REPLACED ? STR("something else") : STR("");
	assert_int_equal(run_action(f, store, how == REMOVED ? DO_REMOVE : DO_SAVE, RECORD_EFFECT, &e), OK);
}

static void wiped_bytes_are_gone(void **state)
{
	struct fixture *const f = *state;
	static char text[10000];
	struct store *store = sqlite_open(f, 0);
	struct effect e;

	for (unsigned i = 0; i < WIPED_ROWS; i++) {
		plant(&e, i, text, sizeof(text));
		assert_int_equal(run_action(f, store, DO_SAVE, RECORD_EFFECT, &e), OK);
	}
	store->ops->close(store);
	assert_int_equal(count_in_folder(f, MARK), WIPED_ROWS);
	store = sqlite_open(f, 0);
	for (unsigned i = 0; i < WIPED_ROWS; i++)
		wipe_one(f, store, i, i % WIPINGS);
	store->ops->close(store);
	assert_int_equal(count_in_folder(f, MARK), 0);
	assert_int_not_equal(count_in_folder(f, "something else"), 0);
}

static void the_log_does_not_grow_without_end(void **state)
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
	assert_int_equal(stat(beside(f, "-wal"), &st), 0);
	assert_true(st.st_size < (off_t)20 * 1024 * 1024);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM users"), 1);
	store->ops->close(store);
}

/* The log holds old pages: it is emptied at the end, also while somebody else has the file open. */
static void the_log_is_empty_after_the_close(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = sqlite_open(f, 0);
	struct quota row = { .tenant_id = { "t" } };
	struct sql *other = NULL;
	struct stat st;

	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_ONLY, &other), OK);
	assert_int_equal(run_action(f, store, DO_ADD, RECORD_QUOTA, &row), OK);
	assert_int_equal(stat(beside(f, "-wal"), &st), 0);
	assert_int_not_equal(st.st_size, 0);
	store->ops->close(store);
	assert_int_equal(stat(beside(f, "-wal"), &st), 0);
	assert_int_equal(st.st_size, 0);
	other->ops->close(other);
}

static void a_whole_database_passes_the_check(void **state)
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
		assert_has(why, rows[i].why);
	}
}

/* Zeros over a page in the middle. */
static void a_damaged_file_fails_the_check(void **state)
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
	assert_has(why, "is damaged");
}

#define TURNS 40

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

static void count_turns(void *arg)
{
	struct store *const store = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	for (int i = 0; i < TURNS; i++) {
		if (store_transact(store, TX_WRITE, &arena, count_one, NULL) != OK)
			abort();
	}
	arena_finish(&arena);
}

/* As the server and the command line do. */
static void two_stores_write_to_one_file(void **state)
{
	struct fixture *const f = *state;
	struct store *const one = sqlite_open(f, 0), *const two = sqlite_open(f, 0);
	struct quota q = { .tenant_id = { "t" }, .month = 1 };
	struct thread thread;

	assert_int_equal(thread_start(&thread, count_turns, one), OK);
	count_turns(two);
	thread_join(&thread);
	two->ops->close(two);
	assert_int_equal(run_action(f, one, DO_LOAD, RECORD_QUOTA, &q), OK);
	assert_int_equal(q.used, 2 * TURNS);
	one->ops->close(one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_for_us_alone),
		TEST(refusals_say_why),
		TEST(paths_that_name_no_file),
		TEST(versions_are_told),
		TEST(an_older_schema_is_brought_forward),
		TEST(an_older_schema_is_refused_by_name),
		TEST(a_marker_that_nobody_knows_is_refused),
		TEST(an_acknowledged_write_survives_kill_9),
		TEST(wiped_bytes_are_gone),
		TEST(the_log_does_not_grow_without_end),
		TEST(the_log_is_empty_after_the_close),
		TEST(a_whole_database_passes_the_check),
		TEST(a_damaged_file_fails_the_check),
		TEST(two_stores_write_to_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
