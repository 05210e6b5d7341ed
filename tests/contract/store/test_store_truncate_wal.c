/* sqlite_store_truncate_wal() removes deleted values from the files, even while a server has the database
 * open. */
#include "stores.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"

#define MARKER "planted-here-and-nowhere-else"

/* Returns whether the database file (suffix "") or its WAL (suffix "-wal") contains MARKER. */
static bool file_has_marker(struct fixture *f, const char *suffix)
{
	const struct str path = arena_printf(&f->arena, "%s%s", f->path, suffix);
	struct stat st;
	const int fd = open(path.p, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	char *const bytes = arena_array(&f->arena, char, (size_t)st.st_size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
	assert_int_equal(close(fd), 0);
	return memmem(bytes, (size_t)st.st_size, MARKER, strlen(MARKER)) != NULL;
}

static void write_and_remove_marker(struct fixture *f, struct store *store)
{
	struct effect e = { .id = { "1" }, .sealed_payload = STR(MARKER) };

	assert_int_equal(run_action(f, store, DO_ADD, RECORD_EFFECT, &e), OK);
	assert_true(file_has_marker(f, "-wal"));
	assert_int_equal(run_action(f, store, DO_REMOVE, RECORD_EFFECT, &e), OK);
	assert_true(file_has_marker(f, "-wal"));
}

static void wal_is_truncated_beside_a_running_server(void **state)
{
	struct fixture *const f = *state;
	struct store *const server = sqlite_open(f, 0);
	struct effect other_effect = { .id = { "2" } };
	struct str why = STR("");

	write_and_remove_marker(f, server);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), OK);
	assert_false(file_has_marker(f, "-wal"));
	assert_false(file_has_marker(f, ""));
	/* After the truncation the server can still write and read. */
	assert_int_equal(run_action(f, server, DO_ADD, RECORD_EFFECT, &other_effect), OK);
	assert_int_equal(run_action(f, server, DO_LOAD, RECORD_EFFECT, &other_effect), OK);
	server->ops->close(server);
}

/* A thread with a read transaction that lasts until `stop` is set. */
struct reader {
	struct store *store;
	struct thread thread;
	struct lock lock;
	struct cond changed;
	bool is_reading, stop;
	enum err e;
};

static enum err read_until_stopped(struct tx *tx, void *arg)
{
	struct reader *const r = arg;
	struct effect row = { .id = { "1" } };

	const enum err e = store_load_effect(tx, &row);
	lock_acquire(&r->lock);
	r->is_reading = true;
	cond_broadcast(&r->changed);
	while (!r->stop)
		cond_wait(&r->changed, &r->lock);
	lock_release(&r->lock);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void run_reader(void *arg)
{
	struct reader *const r = arg;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	r->e = store_transact(r->store, TX_READ, &a, read_until_stopped, r);
	arena_finish(&a);
}

static void reader_start(struct reader *r, struct store *store)
{
	*r = (struct reader){ .store = store };
	lock_init(&r->lock);
	cond_init(&r->changed);
	assert_int_equal(thread_start(&r->thread, run_reader, r), OK);
	lock_acquire(&r->lock);
	while (!r->is_reading)
		cond_wait(&r->changed, &r->lock);
	lock_release(&r->lock);
}

static void reader_stop(struct reader *r)
{
	lock_acquire(&r->lock);
	r->stop = true;
	cond_broadcast(&r->changed);
	lock_release(&r->lock);
	thread_join(&r->thread);
	assert_int_equal(r->e, OK);
	cond_finish(&r->changed);
	lock_finish(&r->lock);
}

static void long_reader_prevents_truncation(void **state)
{
	struct fixture *const f = *state;
	struct store *const server = sqlite_open(f, 0);
	struct effect other_effect = { .id = { "2" } };
	struct str why = STR("");
	struct reader reader;

	write_and_remove_marker(f, server);
	reader_start(&reader, server);
	/* The WAL grows, because it must keep the pages that the open read transaction sees. */
	assert_int_equal(run_action(f, server, DO_ADD, RECORD_EFFECT, &other_effect), OK);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), ERR_BUSY);
	assert_true(why.n > 0);
	assert_true(file_has_marker(f, "-wal"));
	reader_stop(&reader);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), OK);
	assert_false(file_has_marker(f, "-wal"));
	server->ops->close(server);
}

static void missing_database_is_an_error(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");

	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), ERR_NOT_FOUND);
	assert_true(why.n > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_set_up, folder_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wal_is_truncated_beside_a_running_server),
		TEST(long_reader_prevents_truncation),
		TEST(missing_database_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
