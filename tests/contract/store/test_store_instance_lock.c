/* Tests of the lock that allows only one kycd per database file: waiting uses the monotonic clock, and is
 * reported once. */
#include "stores.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "store/sqlite/instance_lock.h"

static struct {
	int64_t ticks, release_at; /* release_at: when the other owner releases the lock; -1: never */
	struct instance_lock other;
	int n_messages;
	char message[256];
} fake;

static int64_t fake_ticks(void)
{
	return fake.ticks;
}

static void fake_sleep(duration s)
{
	assert_true(s.ms > 0);
	if (fake.release_at >= 0 && fake.ticks + s.ms >= fake.release_at)
		instance_lock_release(&fake.other);
	fake.ticks += s.ms;
}

static void fake_report(struct str message)
{
	fake.n_messages++;
	assert_true(str_copy_to(message, fake.message, sizeof(fake.message)));
}

static const struct lock_wait wait_30_s = { { 30000 }, fake_ticks, fake_sleep, fake_report };
static const struct lock_wait no_wait = { .limit = { 0 } };
static const struct lock_owner owner_1 = { 4711, STR_INIT("one.example"), { 1767607200000 } };
static const struct lock_owner owner_2 = { 4712, STR_INIT("two.example"), { 1767607260000 } };

static int set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	memset(&fake, 0, sizeof(fake));
	fake.ticks = 1000;
	fake.release_at = -1;
	fake.other = INSTANCE_LOCK_NONE;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const f = *state;

	instance_lock_release(&fake.other);
	arena_finish(&f->arena);
	folder_remove(f);
	free(f);
	return 0;
}

static enum err acquire(struct fixture *f, const struct lock_owner *owner, const struct lock_wait *wait,
	struct instance_lock *out, struct str *why)
{
	return instance_lock_acquire(str_of(f->path), owner, wait, &f->arena, out, why);
}

static void second_instance_is_rejected_with_the_owner(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	struct stat st;

	assert_int_equal(acquire(f, &owner_1, &no_wait, &fake.other, &why), OK);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &lock, &why), ERR_BUSY);
	assert_non_null(strstr(why.p, f->path));
	assert_non_null(strstr(why.p, "held by process 4711 on one.example since 2026-01-05T10:00:00.000Z"));
	assert_int_equal(lock.fd, -1);
	instance_lock_release(&fake.other);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &lock, &why), OK);
	assert_int_equal(acquire(f, &owner_1, &no_wait, &fake.other, &why), ERR_BUSY);
	assert_non_null(strstr(why.p, "process 4712 on two.example"));
	instance_lock_release(&lock);
	assert_int_equal(stat(arena_printf(&f->arena, "%s.lock", f->path).p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void wait_ends_at_the_limit(void **state)
{
	static const struct {
		const char *name;
		int64_t release_at; /* ms after the start */
		enum err expected;
		int64_t waits_for;
	} rows[] = {
		{ "never", -1, ERR_BUSY, 30000 },
		{ "1 ms before", 29999, OK, 30000 },
		{ "at the limit", 30000, OK, 30000 },
		{ "1 ms after", 30001, ERR_BUSY, 30000 },
		{ "two seconds", 2000, OK, 2000 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct instance_lock lock = INSTANCE_LOCK_NONE;
		struct str why = STR("");

		print_message("# %s\n", rows[i].name);
		fake.n_messages = 0;
		fake.ticks = 1000;
		fake.release_at = rows[i].release_at < 0 ? -1 : 1000 + rows[i].release_at;
		assert_int_equal(acquire(f, &owner_1, &no_wait, &fake.other, &why), OK);
		assert_int_equal(acquire(f, &owner_2, &wait_30_s, &lock, &why), rows[i].expected);
		assert_in_range(fake.ticks - 1000, rows[i].waits_for, rows[i].waits_for + 50);
		assert_int_equal(fake.n_messages, 1);
		assert_non_null(strstr(fake.message, "waiting up to 30 s for it: held by process 4711"));
		instance_lock_release(&lock);
		instance_lock_release(&fake.other);
	}
}

static void free_lock_is_acquired_without_waiting(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	assert_int_equal(acquire(f, &owner_2, &wait_30_s, &lock, &why), OK);
	assert_int_equal(fake.ticks, 1000);
	assert_int_equal(fake.n_messages, 0);
	instance_lock_release(&lock);
	instance_lock_release(&lock);
}

static void hold_until_killed(struct fixture *f, int pipe_fds)
{
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	if (acquire(f, &owner_1, &no_wait, &lock, &why) == OK)
		(void)!write(pipe_fds, "!", 1);
	for (;;)
		(void)pause();
}

static void sigkill_releases_the_lock(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	int pipe_fds[2], status;
	char c;
	pid_t child;

	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		hold_until_killed(f, pipe_fds[1]);
		_exit(1);
	}
	(void)close(pipe_fds[1]);
	assert_int_equal(read(pipe_fds[0], &c, 1), 1);
	(void)close(pipe_fds[0]);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &lock, &why), ERR_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &lock, &why), OK);
	instance_lock_release(&lock);
}

/* A path that is a symbolic link uses the same lock as its target. */
static void symbolic_link_uses_the_same_lock(void **state)
{
	struct fixture *const f = *state;
	const struct str link = arena_printf(&f->arena, "%s/link.db", f->folder);
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	assert_int_equal(sqlite_store_migrate(str_of(f->path), CREATE_FIRST, NULL, &f->arena, &why), OK);
	assert_int_equal(symlink(f->path, link.p), 0);
	assert_int_equal(acquire(f, &owner_1, &no_wait, &fake.other, &why), OK);
	assert_int_equal(instance_lock_acquire(link, &owner_2, &no_wait, &f->arena, &lock, &why), ERR_BUSY);
	assert_int_equal(unlink(link.p), 0);
}

/* Whoever locks the new file first has the lock. */
static void removed_lock_file_is_created_again(void **state)
{
	struct fixture *const f = *state;
	const char *const path = arena_printf(&f->arena, "%s.lock", f->path).p;
	struct instance_lock lock = INSTANCE_LOCK_NONE, second = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	assert_int_equal(instance_lock_keep(&lock), OK);
	assert_int_equal(acquire(f, &owner_1, &no_wait, &lock, &why), OK);
	assert_int_equal(instance_lock_keep(&lock), OK);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(instance_lock_keep(&lock), OK);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &second, &why), ERR_BUSY);
	assert_non_null(strstr(why.p, "held by process 4711 on one.example since 2026-01-05T10:00:00.000Z"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(acquire(f, &owner_2, &no_wait, &second, &why), OK);
	assert_int_equal(instance_lock_keep(&lock), ERR_BUSY);
	instance_lock_release(&second);
	assert_int_equal(instance_lock_keep(&lock), OK);
	instance_lock_release(&lock);
}

static void missing_folders_are_created(void **state)
{
	struct fixture *const f = *state;
	const struct str path = arena_printf(&f->arena, "%s/var/a/b/k.db", f->folder);
	static const char *const folders[] = { "/var", "/var/a", "/var/a/b" };
	struct instance_lock lock = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	const mode_t old = umask(0);
	struct stat st;

	assert_int_equal(instance_lock_acquire(path, &owner_1, &no_wait, &f->arena, &lock, &why), OK);
	(void)umask(old);
	for (size_t i = 0; i < array_len(folders); i++) {
		assert_int_equal(stat(arena_printf(&f->arena, "%s%s", f->folder, folders[i]).p, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0700);
	}
	instance_lock_release(&lock);
	assert_int_equal(unlink(arena_printf(&f->arena, "%s.lock", path.p).p), 0);
	for (size_t i = array_len(folders); i-- > 0;)
		assert_int_equal(rmdir(arena_printf(&f->arena, "%s%s", f->folder, folders[i]).p), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(second_instance_is_rejected_with_the_owner),
		TEST(wait_ends_at_the_limit),
		TEST(free_lock_is_acquired_without_waiting),
		TEST(sigkill_releases_the_lock),
		TEST(symbolic_link_uses_the_same_lock),
		TEST(removed_lock_file_is_created_again),
		TEST(missing_folders_are_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
