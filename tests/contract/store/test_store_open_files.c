/* A SQLite database whose files are removed, replaced or overwritten while the store is open: nothing is
 * written any more, the store is not ready, and what was written before survives a crash where possible
 * (store/sqlite/open_files.h). */
#include "stores.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/log.h"

#define ROWS 50

static char lines[16384];

static void save_line(void *arg maybe_unused, struct str line)
{
	const size_t n = strlen(lines);

	(void)snprintf(lines + n, sizeof(lines) - n, "%.*s", STR_ARG(line));
}

static size_t count_lines(const char *event)
{
	size_t n = 0;

	for (const char *p = lines; (p = strstr(p, event)) != NULL; p++)
		n++;
	return n;
}

static const char *file(struct fixture *f, const char *suffix)
{
	return arena_printf(&f->arena, "%s%s", f->path, suffix).p;
}

static void copy(const char *from, const char *to, int flags)
{
	char bytes[65536];
	const int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CLOEXEC | flags, 0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	assert_int_equal(close(in) + close(out), 0);
}

static enum err add_row(struct fixture *f, struct store *store, unsigned number)
{
	struct quota row;

	row_make(f, RECORD_QUOTA, number, 3, &row);
	return run_action(f, store, DO_ADD, RECORD_QUOTA, &row);
}

static void add_rows(struct fixture *f, struct store *store, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++)
		assert_int_equal(add_row(f, store, i), OK);
}

static size_t count_rows(struct fixture *f, struct store *store, unsigned n)
{
	size_t found = 0;

	for (unsigned i = 0; i < n; i++) {
		struct quota row;

		row_make(f, RECORD_QUOTA, i, 3, &row);
		found += run_action(f, store, DO_LOAD, RECORD_QUOTA, &row) == OK;
	}
	return found;
}

static void remove_database(struct fixture *f)
{
	assert_int_equal(unlink(f->path), 0);
}
static void move_database(struct fixture *f)
{
	assert_int_equal(rename(f->path, file(f, ".moved")), 0);
}
static void replace_database(struct fixture *f)
{
	copy(file(f, ".backup"), file(f, ".new"), O_CREAT);
	assert_int_equal(rename(file(f, ".new"), f->path), 0);
}
static void overwrite_database(struct fixture *f)
{
	copy(file(f, ".backup"), f->path, O_TRUNC);
}
static void empty_database(struct fixture *f)
{
	assert_int_equal(truncate(f->path, 0), 0);
}
static void overwrite_without_truncation(struct fixture *f)
{
	copy(file(f, ".backup"), f->path, 0);
}
static void remove_wal(struct fixture *f)
{
	assert_int_equal(unlink(file(f, "-wal")), 0);
}
static void empty_wal(struct fixture *f)
{
	assert_int_equal(truncate(file(f, "-wal"), 0), 0);
}
static void replace_wal(struct fixture *f)
{
	remove_wal(f);
	copy("/dev/null", file(f, "-wal"), O_CREAT);
}
static void remove_wal_index(struct fixture *f)
{
	assert_int_equal(unlink(file(f, "-shm")), 0);
}
static void remove_all_files(struct fixture *f)
{
	remove_database(f);
	remove_wal(f);
	remove_wal_index(f);
}
static void rename_folder(struct fixture *f)
{
	const struct str old = arena_printf(&f->arena, "%s/var", f->folder),
			 new = arena_printf(&f->arena, "%s/moved", f->folder);

	assert_int_equal(rename(old.p, new.p), 0);
}

/* Creates the database, and a backup that lacks most rows. */
static struct store *open_with_backup(struct fixture *f)
{
	struct store *store = sqlite_open(f, 0);

	add_rows(f, store, 0, 1);
	store->ops->close(store);
	copy(f->path, file(f, ".backup"), O_CREAT);
	store = sqlite_open(f, 0);
	add_rows(f, store, 1, ROWS - 1);
	/* The database file gets more pages than the backup. */
	sqlite_store_checkpoint(str_of(f->path), &f->arena);
	add_rows(f, store, ROWS, ROWS);
	return store;
}

static void change_of_the_files_stops_writing(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct fixture *f);
		const char *reason;
	} cases[] = {
		{ "database removed", remove_database, "kycd.db reason=\"was removed or renamed\"" },
		{ "database moved", move_database, "kycd.db reason=\"was removed or renamed\"" },
		{ "database replaced", replace_database, "kycd.db reason=\"was replaced by another file\"" },
		{ "database overwritten", overwrite_database, "kycd.db reason=\"was overwritten or emptied" },
		{ "database overwritten in parts", overwrite_without_truncation,
			"kycd.db reason=\"was overwritten or emptied" },
		{ "database emptied", empty_database, "kycd.db reason=\"was overwritten or emptied" },
		{ "WAL removed", remove_wal, "kycd.db-wal reason=\"was removed or renamed\"" },
		{ "WAL emptied", empty_wal, "kycd.db-wal reason=\"was overwritten or emptied" },
		{ "WAL replaced", replace_wal, "kycd.db-wal reason=\"was replaced by another file\"" },
		{ "index of the WAL removed", remove_wal_index,
			"kycd.db-shm reason=\"was removed or renamed\"" },
		{ "all files removed", remove_all_files, "kycd.db reason=\"was removed or renamed\"" },
		{ "folder renamed", rename_folder, "kycd.db reason=\"was removed or renamed\"" },
	};
	struct fixture *const f = *state;

	log_sink_set(save_line, NULL);
	for (size_t i = 0; i < array_len(cases); i++) {
		struct store *const store = open_with_backup(f);

		print_message("# %s\n", cases[i].name);
		assert_int_equal(store->ops->ready(store), OK);
		lines[0] = '\0';
		cases[i].change(f);
		for (unsigned k = 0; k < 5; k++)
			assert_int_equal(add_row(f, store, 1000 + k), ERR_STORAGE);
		assert_int_equal(store->ops->ready(store), ERR_STORAGE);
		store->ops->close(store);
		if (count_lines("event=database_files_changed") != 1 ||
			strstr(lines, cases[i].reason) == NULL)
			fail_msg("%s", lines);
		(void)rename(arena_printf(&f->arena, "%s/moved", f->folder).p,
			arena_printf(&f->arena, "%s/var", f->folder).p);
		folder_remove(f);
		assert_int_equal(mkdir(f->folder, 0700), 0);
	}
	log_sink_set(NULL, NULL);
}

static void change_is_found_while_nobody_writes(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = open_with_backup(f);

	log_sink_set(save_line, NULL);
	lines[0] = '\0';
	remove_wal(f);
	/* ready() writes a row if nothing was written for a second, and would itself find the change. */
	while (store->ops->ready(store) == OK)
		(void)usleep(10000);
	assert_int_equal(count_lines("event=database_files_changed"), 1);
	/* The content of the removed WAL is in the database: a copy of that file alone has all rows. */
	copy(f->path, file(f, ".copy"), O_CREAT);
	store->ops->close(store);
	log_sink_set(NULL, NULL);
	assert_int_equal(rename(file(f, ".copy"), f->path), 0);
	struct store *const copied = sqlite_open(f, 0);
	assert_int_equal(count_rows(f, copied, 2 * ROWS), 2 * ROWS);
	copied->ops->close(copied);
}

static void file_that_is_put_back_is_written_again(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = open_with_backup(f);

	log_sink_set(save_line, NULL);
	lines[0] = '\0';
	move_database(f);
	assert_int_equal(add_row(f, store, 1000), ERR_STORAGE);
	assert_int_equal(rename(file(f, ".moved"), f->path), 0);
	assert_int_equal(add_row(f, store, 1000), OK);
	assert_int_equal(store->ops->ready(store), OK);
	assert_int_equal(count_lines("event=database_files_changed"), 1);
	assert_int_equal(count_lines("event=database_files_restored"), 1);
	log_sink_set(NULL, NULL);
	store->ops->close(store);
}

/* The WAL would be copied into the new content at the next start. */
static void wal_is_not_applied_to_the_new_content_of_the_database(void **state)
{
	static const struct {
		void (*change)(struct fixture *f);
		/* The new content is used before the first store is closed. Connections of one process to one
		 * file share their WAL, so that this cannot be tested here with an overwritten file. */
		bool at_once;
	} cases[] = { { overwrite_database, false }, { replace_database, false },
		{ replace_database, true } };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(cases); i++) {
		struct store *const store = open_with_backup(f);
		struct store *command;

		cases[i].change(f);
		assert_int_equal(add_row(f, store, 1000), ERR_STORAGE);
		assert_int_equal(access(file(f, "-wal.abandoned"), F_OK), 0);
		if (!cases[i].at_once)
			store->ops->close(store);
		command = sqlite_open(f, 0);
		assert_int_equal(count_rows(f, command, 2 * ROWS), 1);
		add_rows(f, command, 1, 1);
		if (cases[i].at_once)
			store->ops->close(store);
		assert_int_equal(count_rows(f, command, 2 * ROWS), 2);
		command->ops->close(command);
		folder_remove(f);
		assert_int_equal(mkdir(f->folder, 0700), 0);
	}
}

/* The replaced database comes back: so does the WAL that belongs to it. */
static void replaced_database_that_is_put_back_has_all_rows(void **state)
{
	struct fixture *const f = *state;
	struct store *store = open_with_backup(f);

	assert_int_equal(link(f->path, file(f, ".linked")), 0);
	replace_database(f);
	assert_int_equal(add_row(f, store, 1000), ERR_STORAGE);
	assert_int_equal(rename(file(f, ".linked"), f->path), 0);
	assert_int_equal(add_row(f, store, 1000), OK);
	store->ops->close(store);
	store = sqlite_open(f, 0);
	assert_int_equal(count_rows(f, store, 2 * ROWS), 2 * ROWS);
	store->ops->close(store);
}

/* Checkpoints of this and of other processes change the files, too. */
static void checkpoints_and_other_connections_are_no_change(void **state)
{
	struct fixture *const f = *state;
	struct store *const store = open_with_backup(f);
	unsigned n = 1000;

	log_sink_set(save_line, NULL);
	lines[0] = '\0';
	for (unsigned round = 0; round < 40; round++) {
		struct store *const command = sqlite_open(f, 0);
		struct str why = STR("");

		add_rows(f, store, n, 20);
		add_rows(f, command, n + 20, 20);
		command->ops->close(command);
		add_rows(f, store, n + 40, 1);
		assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), OK);
		assert_int_equal(store->ops->ready(store), OK);
		n += 41;
		arena_reset(&f->arena);
	}
	assert_int_equal(count_lines("event=database_files"), 0);
	log_sink_set(NULL, NULL);
	store->ops->close(store);
}

static void lost_database_is_not_created_again(void **state)
{
	static const struct {
		const char *name;
		void (*change)(struct fixture *f);
		const char *why;
	} cases[] = {
		{ "removed", remove_all_files, "is missing, but a database was created here before" },
		{ "emptied", empty_database, "is empty, but a database was created here before" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(cases); i++) {
		struct store *store = sqlite_open(f, 0);
		struct sqlite_conf conf = { .path = str_of(f->path), .migrate = true, .micros = test_micros };
		struct str why = STR("");

		assert_int_equal(access(file(f, ".created"), F_OK), 0);
		cases[i].change(f);
		store->ops->close(store);
		for (enum creation c = CREATE_NEVER; c <= CREATE_FIRST; c++) {
			conf.creation = c;
			why = STR("");
			assert_int_not_equal(sqlite_store_open(&conf, &f->arena, &store, &why), OK);
			assert_contains(why, cases[i].why);
		}
		assert_int_not_equal(
			sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), OK);
		conf.creation = CREATE_AGAIN;
		assert_int_equal(sqlite_store_open(&conf, &f->arena, &store, &why), OK);
		add_rows(f, store, 0, 1);
		store->ops->close(store);
		/* With --create, a database that exists stays as it is. */
		assert_int_equal(sqlite_store_open(&conf, &f->arena, &store, &why), OK);
		assert_int_equal(count_rows(f, store, 1), 1);
		store->ops->close(store);
	}
}

/* A database of an earlier version, or a restored backup, has no marker. */
static void existing_database_gets_a_marker(void **state)
{
	struct fixture *const f = *state;
	struct store *store = sqlite_open(f, 0);

	store->ops->close(store);
	assert_int_equal(unlink(file(f, ".created")), 0);
	store = sqlite_open(f, 0);
	store->ops->close(store);
	assert_int_equal(access(file(f, ".created"), F_OK), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			change_of_the_files_stops_writing, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			change_is_found_while_nobody_writes, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			file_that_is_put_back_is_written_again, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(wal_is_not_applied_to_the_new_content_of_the_database,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			replaced_database_that_is_put_back_has_all_rows, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			checkpoints_and_other_connections_are_no_change, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			lost_database_is_not_created_again, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			existing_database_gets_a_marker, folder_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
