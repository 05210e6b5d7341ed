/* Copies that were tried: beside writers, refused with a sentence, laid aside before a step of the schema. */
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

static const char *beside(struct fixture *f, const char *name)
{
	const struct str path = arena_printf(&f->arena, "%s/var/%s", f->folder, name);

	assert_non_null(path.p);
	return path.p;
}

/* How many files of the database's folder have that in their name; the last of them. */
static size_t count_files(struct fixture *f, const char *part, struct str *last)
{
	DIR *const dir = opendir(beside(f, ""));
	const struct dirent *entry;
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strstr(entry->d_name, part) == NULL)
			continue;
		n++;
		if (last != NULL)
			*last = str_of(beside(f, entry->d_name));
	}
	assert_int_equal(closedir(dir), 0);
	return n;
}

static void make_database(struct fixture *f)
{
	struct str why = STR("");

	assert_int_equal(sqlite_store_migrate(str_of(f->path), NULL, &f->arena, &why), OK);
}

static void run_script(const char *path, const char *text)
{
	struct sql *sql = NULL;

	assert_int_equal(sqlite_driver_open(path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
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

static enum err back_up(
	struct fixture *f, const char *to, backup_proof *proof, struct backup *out, struct str *why)
{
	const struct backup_params params = { str_of(f->path), str_of(to), proof, f, { NULL, NULL } };

	return sqlite_store_backup(&params, &f->arena, out, why);
}

struct writing {
	struct store *store;
	_Atomic bool stop;
};

static enum err add_two(struct tx *tx, void *arg)
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

static void write_on(void *arg)
{
	struct writing *const w = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	while (!w->stop) {
		if (store_transact(w->store, TX_WRITE, &arena, add_two, NULL) != OK)
			abort();
		arena_reset(&arena);
	}
	arena_finish(&arena);
}

/* Each copy is one moment, whatever is written meanwhile: both counters are the same in it. */
static void a_copy_is_one_moment(void **state)
{
	struct fixture *const f = *state;
	struct writing w = { .store = sqlite_open(f, 0) };
	struct thread thread;
	int64_t last = 0;
	struct stat st;

	assert_int_equal(thread_start(&thread, write_on, &w), OK);
	for (int i = 0; i < 5; i++) {
		const char *const to = beside(f, arena_printf(&f->arena, "copy-%d", i).p);
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
			ask(to, "SELECT count(*) FROM (SELECT used FROM quotas GROUP BY used)") <= 1, 1);
		assert_true(ask(to, "SELECT coalesce(max(used), 0) FROM quotas") >= last);
		last = ask(to, "SELECT coalesce(max(used), 0) FROM quotas");
	}
	w.stop = true;
	thread_join(&thread);
	assert_true(ask(f->path, "SELECT max(used) FROM quotas") >= last);
	w.store->ops->close(w.store);
	assert_int_equal(count_files(f, "copy-", NULL), 5);
	assert_int_equal(count_files(f, "kycd-", NULL), 0);
}

static void leave_it(struct fixture *f)
{
	(void)f;
}
static void take_it_away(struct fixture *f)
{
	assert_int_equal(unlink(f->path), 0);
}
static void make_it_newer(struct fixture *f)
{
	run_script(f->path, "INSERT INTO schema_migrations (version, applied_at) VALUES (77, 0)");
}
static void damage_it(struct fixture *f)
{
	static const char zeros[4096];
	const int fd = open(f->path, O_WRONLY);

	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)4096 * 5), sizeof(zeros));
	assert_int_equal(close(fd), 0);
}
static void occupy_the_name(struct fixture *f)
{
	run_script(f->path, "SELECT 1");
	assert_int_equal(symlink("nowhere", beside(f, "copy")), 0);
}
static void occupy_the_part(struct fixture *f)
{
	assert_int_equal(mkdir(beside(f, "copy.kycd-part"), 0700), 0);
}

static bool refuse_proof(void *arg, const char *restored)
{
	struct fixture *const f = arg;

	assert_true(ask(restored, "SELECT count(*) FROM schema_migrations") > 0);
	assert_int_not_equal(access(beside(f, "copy"), F_OK), 0);
	return false;
}

/* Whatever is refused, nothing is left behind. */
static void refusals_say_why_and_leave_nothing(void **state)
{
	static const struct {
		const char *name;
		void (*prepare)(struct fixture *f);
		const char *to;
		backup_proof *proof;
		enum err want;
		const char *why;
	} rows[] = {
		{ "no database", take_it_away, "copy", NULL, ERR_NOT_FOUND, "no such database" },
		{ "a newer one", make_it_newer, "copy", NULL, ERR_CONFLICT, "a newer kycd is needed" },
		{ "a damaged one", damage_it, "copy", NULL, ERR_STORAGE, "kycd.db: " },
		{ "the database itself", leave_it, "kycd.db", NULL, ERR_CONFLICT, "is the database itself" },
		{ "a name that is taken", occupy_the_name, "copy", NULL, ERR_CONFLICT, "already exists" },
		{ "no folder", leave_it, "nowhere/copy", NULL, ERR_STORAGE, "its folder does not exist" },
		{ "a file as folder", leave_it, "kycd.db/copy", NULL, ERR_STORAGE,
			"its folder does not exist" },
		{ "no file", leave_it, "", NULL, ERR_INPUT, "does not name a file" },
		{ "a folder where it would work", occupy_the_part, "copy", NULL, ERR_STORAGE, "copy: " },
		{ "the caller's proof fails", leave_it, "copy", refuse_proof, ERR_UPSTREAM, "" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct str why = STR("");
		struct backup b;

		print_message("# %s\n", rows[i].name);
		make_database(f);
		rows[i].prepare(f);
		assert_int_equal(back_up(f, beside(f, rows[i].to), rows[i].proof, &b, &why), rows[i].want);
		assert_has(why, rows[i].why);
		(void)rmdir(beside(f, "copy.kycd-part"));
		assert_int_equal(count_files(f, "kycd-", NULL), 0);
		(void)unlink(beside(f, "copy"));
		(void)unlink(f->path);
		assert_int_equal(count_files(f, "", NULL), 0);
	}
}

/* What fsync does in this program: no flush of folders, or a part that the disk has not kept. */
static enum disk { DISK_GOOD, DISK_WITHOUT_FOLDERS, DISK_FORGETFUL } disk;

int fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (disk == DISK_WITHOUT_FOLDERS && S_ISDIR(st.st_mode)) {
		errno = EIO;
		return -1;
	}
	if (disk == DISK_FORGETFUL && S_ISREG(st.st_mode)) {
		static const char zeros[4096];

		disk = DISK_GOOD;
		assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (off_t)4096 * 5), sizeof(zeros));
	}
	return fdatasync(fd);
}

/* The sentence names what is broken: the copy, not the database. */
static void a_bad_disk_is_told_and_nothing_is_left(void **state)
{
	static const struct {
		enum disk disk;
		const char *why;
	} rows[] = {
		{ DISK_WITHOUT_FOLDERS, "copy: Input/output error" },
		{ DISK_FORGETFUL, "copy: was damaged while it was written; the database is intact" },
	};
	struct fixture *const f = *state;

	make_database(f);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str why = STR("");
		struct backup b;

		disk = rows[i].disk;
		assert_int_equal(back_up(f, beside(f, "copy"), NULL, &b, &why), ERR_STORAGE);
		disk = DISK_GOOD;
		assert_has(why, rows[i].why);
		assert_int_equal(count_files(f, "copy", NULL), 0);
	}
}

struct asking {
	int n, yes_at;
};

static bool ask_again(void *arg)
{
	struct asking *const a = arg;

	return ++a->n >= a->yes_at;
}

/* At each place where it is asked. */
static void given_up_anywhere_leaves_nothing(void **state)
{
	struct fixture *const f = *state;
	struct asking a = { 0, 1 };
	enum err e = ERR_BUSY;

	make_database(f);
	for (; e != OK && a.yes_at < 100; a.yes_at++) {
		const struct backup_params params = { str_of(f->path), str_of(beside(f, "copy")), NULL, NULL,
			{ ask_again, &a } };
		struct str why = STR("");
		struct backup b;

		a.n = 0;
		e = sqlite_store_backup(&params, &f->arena, &b, &why);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_BUSY);
		assert_has(why, "copy: was cancelled; no partial file is left");
		assert_int_equal(count_files(f, "copy", NULL), 0);
	}
	assert_int_equal(e, OK);
	assert_in_range(a.yes_at, 5, 50);
	assert_int_equal(count_files(f, "copy", NULL), 1);
}

/* What a killed one left is in nobody's way. */
static void leftovers_are_replaced(void **state)
{
	static const char *const left[] = { "copy.kycd-part", "copy.kycd-scratch", "copy.kycd-scratch-wal" };
	struct fixture *const f = *state;
	struct str why = STR("");
	struct backup b;

	make_database(f);
	for (size_t i = 0; i < array_len(left); i++) {
		FILE *const file = fopen(beside(f, left[i]), "w");

		assert_non_null(file);
		for (int n = 0; n < 100000; n++)
			(void)fputs("left", file);
		assert_int_equal(fclose(file), 0);
	}
	assert_int_equal(back_up(f, beside(f, "copy"), NULL, &b, &why), OK);
	assert_int_equal(count_files(f, "copy", NULL), 1);
	assert_int_equal(b.bytes < 400000, 1);
}

static void copies_are_told_apart(void **state)
{
	static const char *const changes[] = {
		"INSERT INTO quotas VALUES ('t', 1, 1)",
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
		const char *const to = beside(f, arena_printf(&f->arena, "copy-%zu", i).p);
		struct backup b;

		print_message("# %s\n", changes[i]);
		assert_int_equal(back_up(f, to, NULL, &b, &why), OK);
		assert_true(sqlite_backup_matches(&file, to));
		run_script(f->path, changes[i]);
		assert_false(sqlite_backup_matches(&file, to));
	}
	assert_false(sqlite_backup_matches(&file, beside(f, "never")));
}

/* A file of the first version, and a program with more steps. */
static void make_old(struct fixture *f, struct sqlite_file *file, struct str *why)
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

static void a_copy_is_laid_aside_before_a_step(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR(""), kept = STR("");
	struct sqlite_file file;

	make_old(f, &file, &why);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(
		ask(f->path, "SELECT max(version) FROM schema_migrations"), sqlite_store_schema_version());
	assert_int_equal(count_files(f, "kycd.db.before-0002-2", &kept), 1);
	assert_int_equal(ask(kept.p, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(ask(kept.p, "SELECT used FROM quotas"), 42);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(count_files(f, "before", NULL), 1);
	assert_int_equal(count_files(f, "kycd-", NULL), 0);
}

static void a_copy_that_is_given_up_takes_no_step(void **state)
{
	struct fixture *const f = *state;
	struct asking a = { 0, 2 };
	struct str why = STR("");
	struct sqlite_file file;

	make_old(f, &file, &why);
	file.cancel = (struct cancel_token){ ask_again, &a };
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_BUSY);
	assert_has(why, "was cancelled; no partial file is left; without a backup no migration is run");
	assert_int_equal(count_files(f, "before", NULL), 0);
	assert_int_equal(ask(f->path, "SELECT max(version) FROM schema_steps"), 1);
}

/* As often as a service is started again, it is the same copy, until the database is another. */
static void a_step_that_fails_names_the_copy(void **state)
{
	struct fixture *const f = *state;
	const struct migration broken_list[] = { schema_migrations.list[0],
		{ 2, "0002", "CREATE TABLE extras (id {text}) {strict}" } };
	const struct migrations broken = { broken_list, 2 };
	struct str why = STR(""), kept = STR("");
	struct sqlite_file file;

	make_old(f, &file, &why);
	file.migrations = &broken;
	for (int i = 0; i < 3; i++) {
		why = STR("");
		assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
		assert_int_equal(count_files(f, "before", &kept), 1);
		assert_has(why, "nothing was changed; a copy of the database is in ");
		assert_has(why, kept.p);
	}
	assert_int_equal(ask(f->path, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM sqlite_master WHERE name = 'extras'"), 0);
	assert_true(sqlite_backup_matches(&file, kept.p));
	assert_int_equal(unlink(kept.p), 0);
	run_script(f->path, "UPDATE quotas SET used = 43");
	file.migrations = &schema_migrations;
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), OK);
	assert_int_equal(count_files(f, "before", &kept), 1);
	assert_int_equal(ask(kept.p, "SELECT used FROM quotas"), 43);
}

/* The limit on file sizes stands for a full disk. */
static void without_a_copy_there_is_no_step(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");
	struct sqlite_file file;
	struct rlimit was, small;

	make_old(f, &file, &why);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 65536;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITH_BACKUP), ERR_STORAGE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_has(why, "cannot be written: the disk is full");
	assert_has(why, "without a backup no migration is run");
	assert_int_equal(ask(f->path, "SELECT max(version) FROM schema_steps"), 1);
	assert_int_equal(count_files(f, "before", NULL), 0);
}

static void the_last_backup_is_noted(void **state)
{
	struct fixture *const f = *state;
	struct sqlite_facts facts;
	struct str why = STR("");

	make_database(f);
	assert_int_equal(sqlite_store_facts(str_of(f->path), &f->arena, &facts, &why), OK);
	assert_int_equal(facts.last_backup.ms, 0);
	assert_int_equal(facts.schema, sqlite_store_schema_version());
	assert_int_equal(facts.bytes, ask(f->path, "SELECT page_count * 4096 FROM pragma_page_count"));
	assert_int_equal(facts.pages_free, ask(f->path, "SELECT freelist_count FROM pragma_freelist_count"));
	for (int64_t ms = 1767607200001; ms < 1767607200003; ms++) {
		assert_int_equal(sqlite_store_record_backup(str_of(f->path), &f->arena, (moment){ ms }), OK);
		assert_int_equal(sqlite_store_facts(str_of(f->path), &f->arena, &facts, &why), OK);
		assert_int_equal(facts.last_backup.ms, ms);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_is_one_moment),
		TEST(refusals_say_why_and_leave_nothing),
		TEST(a_bad_disk_is_told_and_nothing_is_left),
		TEST(given_up_anywhere_leaves_nothing),
		TEST(a_copy_that_is_given_up_takes_no_step),
		TEST(leftovers_are_replaced),
		TEST(copies_are_told_apart),
		TEST(a_copy_is_laid_aside_before_a_step),
		TEST(a_step_that_fails_names_the_copy),
		TEST(without_a_copy_there_is_no_step),
		TEST(the_last_backup_is_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
