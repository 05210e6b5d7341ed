/* What was removed is in no file any more, also while a server has the database open. */
#include "stores.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/lock.h"

#define MARK "planted-here-and-nowhere-else"

/* In the database or the log beside it. */
static bool is_in(struct fixture *f, const char *ending)
{
	const struct str path = arena_printf(&f->arena, "%s%s", f->path, ending);
	struct stat st;
	const int fd = open(path.p, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	char *const bytes = arena_array(&f->arena, char, (size_t)st.st_size + 1);
	assert_non_null(bytes);
	assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
	assert_int_equal(close(fd), 0);
	return memmem(bytes, (size_t)st.st_size, MARK, strlen(MARK)) != NULL;
}

static void plant_and_remove(struct fixture *f, struct store *store)
{
	struct effect e = { .id = { "1" }, .sealed_payload = STR(MARK) };

	assert_int_equal(run_action(f, store, DO_ADD, RECORD_EFFECT, &e), OK);
	assert_true(is_in(f, "-wal"));
	assert_int_equal(run_action(f, store, DO_REMOVE, RECORD_EFFECT, &e), OK);
	assert_true(is_in(f, "-wal"));
}

static void the_log_is_emptied_beside_a_running_server(void **state)
{
	struct fixture *const f = *state;
	struct store *const server = sqlite_open(f, 0);
	struct effect later = { .id = { "2" } };
	struct str why = STR("");

	plant_and_remove(f, server);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), OK);
	assert_false(is_in(f, "-wal"));
	assert_false(is_in(f, ""));
	/* The server goes on. */
	assert_int_equal(run_action(f, server, DO_ADD, RECORD_EFFECT, &later), OK);
	assert_int_equal(run_action(f, server, DO_LOAD, RECORD_EFFECT, &later), OK);
	server->ops->close(server);
}

/* Somebody who reads for long, until told to stop. */
struct reader {
	struct store *store;
	struct thread thread;
	struct lock lock;
	struct cond changed;
	bool reading, stop;
	enum err e;
};

static enum err read_on(struct tx *tx, void *arg)
{
	struct reader *const r = arg;
	struct effect row = { .id = { "1" } };

	const enum err e = store_load_effect(tx, &row);
	lock_acquire(&r->lock);
	r->reading = true;
	cond_broadcast(&r->changed);
	while (!r->stop)
		cond_wait(&r->changed, &r->lock);
	lock_release(&r->lock);
	return e == ERR_NOT_FOUND ? OK : e;
}

static void read_until_told(void *arg)
{
	struct reader *const r = arg;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	r->e = store_transact(r->store, TX_READ, &a, read_on, r);
	arena_finish(&a);
}

static void begin_reading(struct reader *r, struct store *store)
{
	*r = (struct reader){ .store = store };
	lock_init(&r->lock);
	cond_init(&r->changed);
	assert_int_equal(thread_start(&r->thread, read_until_told, r), OK);
	lock_acquire(&r->lock);
	while (!r->reading)
		cond_wait(&r->changed, &r->lock);
	lock_release(&r->lock);
}

static void end_reading(struct reader *r)
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

static void who_reads_on_for_too_long_is_told(void **state)
{
	struct fixture *const f = *state;
	struct store *const server = sqlite_open(f, 0);
	struct effect later = { .id = { "2" } };
	struct str why = STR("");
	struct reader reader;

	plant_and_remove(f, server);
	begin_reading(&reader, server);
	/* Behind the reader's back the log goes on: it holds the reader's state still. */
	assert_int_equal(run_action(f, server, DO_ADD, RECORD_EFFECT, &later), OK);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), ERR_BUSY);
	assert_true(why.n > 0);
	assert_true(is_in(f, "-wal"));
	end_reading(&reader);
	assert_int_equal(sqlite_store_truncate_wal(str_of(f->path), &f->arena, &why), OK);
	assert_false(is_in(f, "-wal"));
	server->ops->close(server);
}

static void no_database_is_refused(void **state)
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
		TEST(the_log_is_emptied_beside_a_running_server),
		TEST(who_reads_on_for_too_long_is_told),
		TEST(no_database_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
