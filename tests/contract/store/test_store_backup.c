/* Tests of backups of SQLite databases: they are consistent beside writers, are rejected with a message, and
 * are made automatically before a schema migration. */
#include "stores.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/sqlite/upgrade.h"

static const char *path_beside(struct fixture *f, const char *name)
{
	const struct str path = arena_printf(&f->arena, "%s/var/%s", f->folder, name);

	assert_non_null(path.p);
	return path.p;
}

/* Returns the number of files in the database's folder whose names contain `part`, and the path of one of
 * them in `*last`. */
static size_t count_files(struct fixture *f, const char *part, struct str *last)
{
	DIR *const dir = opendir(path_beside(f, ""));
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strstr(entry->d_name, part) == NULL)
			continue;
		n++;
		if (last != NULL)
			*last = str_of(path_beside(f, entry->d_name));
	}
	assert_int_equal(closedir(dir), 0);
	return n;
}

static void make_database(struct fixture *f)
{
	struct str why = STR("");

	assert_int_equal(sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), OK);
}

static void run_script(const char *path, const char *text)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
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

static enum err back_up(
	struct fixture *f, const char *to, backup_proof *proof, struct backup *out, struct str *why)
{
	const struct backup_params params = { str_of(f->path), str_of(to), proof, f, { NULL, NULL } };

	return sqlite_store_backup(&params, &f->arena, out, why);
}

struct writer_state {
	struct store *store;
	_Atomic bool stop;
};

static enum err increment_two_counters(struct tx *tx, void *arg)
{
	struct quota a = { .tenant_id = { "a" }, .month = 1 }, b = { .tenant_id = { "b" }, .month = 1 };
	const enum err e = store_load_quota(tx, &a);

	(void)arg;
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	b.used = ++a.used;
	TRY(store_save_quota(tx, &a));
	return store_save_quota(tx, &b);
}

static void write_until_stopped(void *arg)
{
	struct writer_state *const w = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	while (!w->stop) {
		if (store_transact(w->store, TX_WRITE, &arena, increment_two_counters, NULL) != OK)
			abort();
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

/* Writers always change two counters in one transaction, so they are equal in a consistent backup. */
static void backup_is_consistent_beside_a_writer(void **state)
{
	struct fixture *const f = *state;
	struct writer_state w = { .store = sqlite_open(f, 0) };
	struct thread thread;
	int64_t last = 0;
	struct stat st;

	assert_int_equal(thread_start(&thread, write_until_stopped, &w), OK);
	for (int i = 0; i < 5; i++) {
		const char *const to = path_beside(f, arena_printf(&f->arena, "copy-%d", i).p);
		struct str why = STR("");
		struct backup b;
		const enum err e = back_up(f, to, NULL, &b, &why);

		if (e != OK)
			print_error("%.*s\n", STR_ARG(why));
		assert_int_equal(e, OK);
		assert_int_equal(b.schema, sqlite_store_schema_version());
		assert_int_equal(stat(to, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		assert_int_equal(st.st_size, b.bytes);
		assert_int_equal(
			query_number(to, "SELECT count(*) FROM (SELECT used FROM quotas GROUP BY used)") <= 1,
			1);
		assert_true(query_number(to, "SELECT coalesce(max(used), 0) FROM quotas") >= last);
		last = query_number(to, "SELECT coalesce(max(used), 0) FROM quotas");
	}
	w.stop = true;
	thread_join(&thread);
	assert_true(query_number(f->path, "SELECT max(used) FROM quotas") >= last);
	w.store->ops->close(w.store);
	assert_int_equal(count_files(f, "copy-", NULL), 5);
	assert_int_equal(count_files(f, "kycd-", NULL), 0);
}

static void prepare_nothing(struct fixture *f)
{
	(void)f;
}
static void remove_database(struct fixture *f)
{
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(unlink(arena_printf(&f->arena, "%s.created", f->path).p), 0);
}
static void make_newer_schema(struct fixture *f)
{
	run_script(f->path, "INSERT INTO schema_migrations (version, applied_at) VALUES (77, 0)");
}
static void damage_database(struct fixture *f)
{
	static const char zeros[4096];
	const int fd = open(f->path, O_WRONLY);

	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)4096 * 5), sizeof(zeros));
	assert_int_equal(close(fd), 0);
}
static void create_target(struct fixture *f)
{
	run_script(f->path, "SELECT 1");
	assert_int_equal(symlink("nowhere", path_beside(f, "copy")), 0);
}
static void block_temporary_file(struct fixture *f)
{
	assert_int_equal(mkdir(path_beside(f, "copy.kycd-part"), 0700), 0);
}

static bool reject_restored(void *arg, const char *restored)
{
	struct fixture *const f = arg;

	assert_true(query_number(restored, "SELECT count(*) FROM schema_migrations") > 0);
	assert_int_not_equal(access(path_beside(f, "copy"), F_OK), 0);
	return false;
}

/* A rejected backup leaves no file. */
static void rejected_backup_names_the_reason_and_leaves_no_file(void **state)
{
	static const struct {
		const char *name;
		void (*prepare)(struct fixture *f);
		const char *to;
		backup_proof *proof;
		enum err expected;
		const char *why;
	} rows[] = {
		{ "missing database", remove_database, "copy", NULL, ERR_NOT_FOUND, "no such database" },
		{ "newer schema", make_newer_schema, "copy", NULL, ERR_CONFLICT, "a newer kycd is needed" },
		{ "damaged database", damage_database, "copy", NULL, ERR_STORAGE, "kycd.db: " },
		{ "target is the database", prepare_nothing, "kycd.db", NULL, ERR_CONFLICT,
			"is the database itself" },
		{ "target exists", create_target, "copy", NULL, ERR_CONFLICT, "already exists" },
		{ "target folder is missing", prepare_nothing, "nowhere/copy", NULL, ERR_STORAGE,
			"its folder does not exist" },
		{ "target folder is a file", prepare_nothing, "kycd.db/copy", NULL, ERR_STORAGE,
			"its folder does not exist" },
		{ "target is a folder", prepare_nothing, "", NULL, ERR_INPUT, "does not name a file" },
		{ "a folder has the name of the temporary file", block_temporary_file, "copy", NULL,
			ERR_STORAGE, "copy: " },
		{ "the caller's proof fails", prepare_nothing, "copy", reject_restored, ERR_UPSTREAM, "" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str why = STR("");
		struct backup b;

		print_message("# %s\n", rows[i].name);
		make_database(f);
		rows[i].prepare(f);
		assert_int_equal(
			back_up(f, path_beside(f, rows[i].to), rows[i].proof, &b, &why), rows[i].expected);
		assert_contains(why, rows[i].why);
		(void)rmdir(path_beside(f, "copy.kycd-part"));
		assert_int_equal(count_files(f, "kycd-", NULL), 0);
		(void)unlink(path_beside(f, "copy"));
		(void)unlink(f->path);
		(void)unlink(path_beside(f, "kycd.db.created"));
		assert_int_equal(count_files(f, "", NULL), 0);
	}
}

/* Simulated faults: fsync() fails for folders, or the disk loses a page of a file. */
static enum disk_fault { DISK_OK, DISK_FOLDER_FSYNC_FAILS, DISK_LOSES_PAGE } disk_fault;

int fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (disk_fault == DISK_FOLDER_FSYNC_FAILS && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	if (disk_fault == DISK_LOSES_PAGE && S_ISREG(st.st_mode)) {
		static const char zeros[4096];

		disk_fault = DISK_OK;
		assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)4096 * 5), sizeof(zeros));
	}
	return fdatasync(fd);
}

/* The message names the damaged file, which is the backup and not the database. */
static void disk_fault_is_reported_and_leaves_no_file(void **state)
{
	static const struct {
		enum disk_fault disk_fault;
		const char *why;
	} rows[] = {
		{ DISK_FOLDER_FSYNC_FAILS, "copy: Input/output error" },
		{ DISK_LOSES_PAGE, "copy: was damaged while it was written; the database is intact" },
	};
	struct fixture *const f = *state;

	make_database(f);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str why = STR("");
		struct backup b;

		disk_fault = rows[i].disk_fault;
		assert_int_equal(back_up(f, path_beside(f, "copy"), NULL, &b, &why), ERR_STORAGE);
		disk_fault = DISK_OK;
		assert_contains(why, rows[i].why);
		assert_int_equal(count_files(f, "copy", NULL), 0);
	}
}

struct cancel_after {
	int n, cancel_at;
};

static bool cancel_at_call(void *arg)
{
	struct cancel_after *const a = arg;

	return ++a->n >= a->cancel_at;
}

/* Cancels the backup at every place where it checks the cancel token. */
static void cancelled_backup_leaves_no_file(void **state)
{
	struct fixture *const f = *state;
	struct cancel_after a = { 0, 1 };
	enum err e = ERR_BUSY;

	make_database(f);
	for (; e != OK && a.cancel_at < 100; a.cancel_at++) {
		const struct backup_params params = { str_of(f->path), str_of(path_beside(f, "copy")), NULL,
			NULL, { cancel_at_call, &a } };
		struct str why = STR("");
		struct backup b;

		a.n = 0;
		e = sqlite_store_backup(&params, &f->arena, &b, &why);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_BUSY);
		assert_contains(why, "copy: was cancelled; no partial file is left");
		assert_int_equal(count_files(f, "copy", NULL), 0);
	}
	assert_int_equal(e, OK);
	assert_in_range(a.cancel_at, 5, 50);
	assert_int_equal(count_files(f, "copy", NULL), 1);
}

/* Files left by a backup that was killed do not prevent the next backup. */
static void leftovers_of_a_killed_backup_are_replaced(void **state)
{
	static const char *const leftovers[] = { "copy.kycd-part", "copy.kycd-scratch",
		"copy.kycd-scratch-wal" };
	struct fixture *const f = *state;
	struct str why = STR("");
	struct backup b;

	make_database(f);
	for (size_t i = 0; i < array_len(leftovers); i++) {
		FILE *const file = fopen(path_beside(f, leftovers[i]), "w");

		assert_non_null(file);
		for (int n = 0; n < 100000; n++)
			(void)fputs("left", file);
		assert_int_equal(fclose(file), 0);
	}
	assert_int_equal(back_up(f, path_beside(f, "copy"), NULL, &b, &why), OK);
	assert_int_equal(count_files(f, "copy", NULL), 1);
	assert_int_equal(b.bytes < 400000, 1);
}

static void changed_database_differs_from_its_backup(void **state)
{
	static const char *const changes[] = {
		"INSERT INTO quotas VALUES ('t', 1, 1, 0, 0)",
		"UPDATE quotas SET used = 2",
		"UPDATE keyrings SET wrapped_key = x'00'",
		"CREATE INDEX extra ON quotas (used)",
	};
	struct fixture *const f = *state;
	struct str why = STR("");
	struct sqlite_file file;

	make_database(f);
	run_script(f->path, "INSERT INTO keyrings VALUES ('k', x'', '', 0)");
	assert_int_equal(sqlite_file_init(&file, str_of(f->path), &f->arena, &why), OK);
	for (size_t i = 0; i < array_len(changes); i++) {
		const char *const to = path_beside(f, arena_printf(&f->arena, "copy-%zu", i).p);
		struct backup b;

		print_message("# %s\n", changes[i]);
		assert_int_equal(back_up(f, to, NULL, &b, &why), OK);
		assert_true(sqlite_backup_matches(&file, to));
		run_script(f->path, changes[i]);
		assert_false(sqlite_backup_matches(&file, to));
	}
	assert_false(sqlite_backup_matches(&file, path_beside(f, "never")));
}

/* Creates a database with schema version 1, to be opened by a program with later migrations. */
static void make_old_database(struct fixture *f, struct sqlite_file *file, struct str *why)
{
	const struct migrations first = { schema_migrations.list, 1 };

	assert_int_equal(sqlite_file_init(file, str_of(f->path), &f->arena, why), OK);
	assert_int_equal(sqlite_file_create(file), OK);
	file->migrations = &first;
	assert_int_equal(sqlite_upgrade(file, UPGRADE_WITH_BACKUP), OK);
	file->migrations = &schema_migrations;
	run_script(f->path, "INSERT INTO quotas VALUES ('t', 1, 42)");
	assert_int_equal(count_files(f, "before", NULL), 0);
}

static void backup_is_made_before_a_migration(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR(""), kept = STR("");
	struct sqlite_file file;

	make_old_database(f, &file, &why);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_migrations"),
		sqlite_store_schema_version());
	assert_int_equal(count_files(f, "kycd.db.before-0002-2", &kept), 1);
	assert_int_equal(query_number(kept.p, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(query_number(kept.p, "SELECT used FROM quotas"), 42);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(count_files(f, "before", NULL), 1);
	assert_int_equal(count_files(f, "kycd-", NULL), 0);
}

static void cancelled_backup_prevents_the_migration(void **state)
{
	struct fixture *const f = *state;
	struct cancel_after a = { 0, 2 };
	struct str why = STR("");
	struct sqlite_file file;

	make_old_database(f, &file, &why);
	file.cancel = (struct cancel_token){ cancel_at_call, &a };
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_BUSY);
	assert_contains(why, "was cancelled; no partial file is left; without a backup no migration is run");
	assert_int_equal(count_files(f, "before", NULL), 0);
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_steps"), 1);
}

/* A service that is restarted again and again makes only one backup, until the database changes. */
static void failed_migration_names_the_backup(void **state)
{
	struct fixture *const f = *state;
	const struct migration broken_list[] = { schema_migrations.list[0],
		{ 2, "0002", "CREATE TABLE extras (id {text}) {strict}" } };
	const struct migrations broken = { broken_list, 2 };
	struct str why = STR(""), kept = STR("");
	struct sqlite_file file;

	make_old_database(f, &file, &why);
	file.migrations = &broken;
	for (int i = 0; i < 3; i++) {
		why = STR("");
		assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
		assert_int_equal(count_files(f, "before", &kept), 1);
		assert_contains(why, "nothing was changed; a copy of the database is in ");
		assert_contains(why, kept.p);
	}
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(
		query_number(f->path, "SELECT count(*) FROM sqlite_master WHERE name = 'extras'"), 0);
	assert_true(sqlite_backup_matches(&file, kept.p));
	assert_int_equal(unlink(kept.p), 0);
	run_script(f->path, "UPDATE quotas SET used = 43");
	file.migrations = &schema_migrations;
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(count_files(f, "before", &kept), 1);
	assert_int_equal(query_number(kept.p, "SELECT used FROM quotas"), 43);
}

/* RLIMIT_FSIZE simulates a full disk. */
static void failed_backup_prevents_the_migration(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");
	struct sqlite_file file;
	struct rlimit unlimited, limited;

	make_old_database(f, &file, &why);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	limited = unlimited;
	limited.rlim_cur = 65536;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	assert_contains(why, "cannot be written: the disk is full");
	assert_contains(why, "without a backup no migration is run");
	assert_int_equal(query_number(f->path, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(count_files(f, "before", NULL), 0);
}

static void end_of_each_backup_is_recorded_beside_the_database(void **state)
{
	struct fixture *const f = *state;
	struct sqlite_facts facts;
	struct str why = STR("");

	make_database(f);
	assert_int_equal(sqlite_store_facts(str_of(f->path), &f->arena, &facts, &why), OK);
	assert_int_equal(facts.backups.last_at.ms, 0);
	assert_int_equal(facts.schema, sqlite_store_schema_version());
	assert_int_equal(
		facts.bytes, query_number(f->path, "SELECT page_count * 4096 FROM pragma_page_count"));
	assert_int_equal(
		facts.pages_free, query_number(f->path, "SELECT freelist_count FROM pragma_freelist_count"));
	for (int64_t ms = 1767607200001; ms < 1767607200003; ms++) {
		const struct backup backup = { .bytes = 40960 };

		assert_int_equal(
			sqlite_store_record_backup(str_of(f->path), &f->arena, (moment){ ms }, &backup, 12),
			OK);
		assert_int_equal(sqlite_store_facts(str_of(f->path), &f->arena, &facts, &why), OK);
		assert_int_equal(facts.backups.last_at.ms, ms);
		assert_int_equal(facts.backups.bytes, 40960);
		assert_int_equal(facts.backups.ms, 12);
		assert_false(backup_has_failed(&facts.backups));
	}
}

static void reason_of_a_failed_backup_is_recorded_beside_the_database(void **state)
{
	struct fixture *const f = *state;
	const struct backup backup = { .bytes = 40960 };
	const moment first = { 1767607200001 }, second = { 1767607200002 };
	struct backup_history history;

	make_database(f);
	assert_int_equal(sqlite_store_record_failed_backup(str_of(f->path), &f->arena, first,
				 STR("cannot be written: the disk is full")),
		OK);
	sqlite_store_backups(str_of(f->path), &f->arena, &history);
	assert_true(backup_has_failed(&history));
	assert_int_equal(history.failed_at.ms, first.ms);
	assert_true(str_eq(history.failure, STR("cannot be written: the disk is full")));
	assert_int_equal(sqlite_store_record_backup(str_of(f->path), &f->arena, second, &backup, 12), OK);
	sqlite_store_backups(str_of(f->path), &f->arena, &history);
	assert_false(backup_has_failed(&history));
	assert_false(backup_is_old(&history, (moment){ second.ms + BACKUP_OLD_AFTER.ms - 1 }));
	assert_true(backup_is_old(&history, (moment){ second.ms + BACKUP_OLD_AFTER.ms }));
}

/* What earlier versions wrote, and what is damaged. */
static void record_without_numbers_has_the_time_only(void **state)
{
	static const struct {
		const char *text;
		int64_t at;
	} rows[] = { { "2026-01-05T10:00:00.001Z\n", 1767607200001 }, { "yesterday 1 2\n", 0 }, { "", 0 },
		{ "2026-01-05T10:00:00.001Z 12 some\n", 1767607200001 } };
	struct fixture *const f = *state;
	struct backup_history history;

	make_database(f);
	for (size_t i = 0; i < array_len(rows); i++) {
		FILE *const file = fopen(arena_printf(&f->arena, "%s.last-backup", f->path).p, "w");

		assert_non_null(file);
		assert_true(fputs(rows[i].text, file) >= 0);
		assert_int_equal(fclose(file), 0);
		sqlite_store_backups(str_of(f->path), &f->arena, &history);
		assert_int_equal(history.last_at.ms, rows[i].at);
		assert_int_equal(history.bytes + history.ms, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(backup_is_consistent_beside_a_writer),
		TEST(rejected_backup_names_the_reason_and_leaves_no_file),
		TEST(disk_fault_is_reported_and_leaves_no_file),
		TEST(cancelled_backup_leaves_no_file),
		TEST(cancelled_backup_prevents_the_migration),
		TEST(leftovers_of_a_killed_backup_are_replaced),
		TEST(changed_database_differs_from_its_backup),
		TEST(backup_is_made_before_a_migration),
		TEST(failed_migration_names_the_backup),
		TEST(failed_backup_prevents_the_migration),
		TEST(end_of_each_backup_is_recorded_beside_the_database),
		TEST(reason_of_a_failed_backup_is_recorded_beside_the_database),
		TEST(record_without_numbers_has_the_time_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
