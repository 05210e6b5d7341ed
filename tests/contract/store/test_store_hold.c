/* One at a time holds a file; who waits does so by the monotonic clock, and is told once. */
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
	int64_t ticks, give_at; /* when the other one gives it back; -1: never */
	struct instance_lock other;
	int told;
	char sentence[256];
} scene;

static int64_t scene_ticks(void)
{
	return scene.ticks;
}

static void scene_rest(duration s)
{
	assert_true(s.ms > 0);
	if (scene.give_at >= 0 && scene.ticks + s.ms >= scene.give_at)
		instance_lock_release(&scene.other);
	scene.ticks += s.ms;
}

static void scene_tell(struct str sentence)
{
	scene.told++;
	assert_true(str_copy_to(sentence, scene.sentence, sizeof(scene.sentence)));
}

static const struct lock_wait thirty_seconds = { { 30000 }, scene_ticks, scene_rest, scene_tell };
static const struct lock_wait none = { .limit = { 0 } };
static const struct lock_owner first = { 4711, STR_INIT("one.example"), { 1767607200000 } };
static const struct lock_owner second = { 4712, STR_INIT("two.example"), { 1767607260000 } };

static int set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	memset(&scene, 0, sizeof(scene));
	scene.ticks = 1000;
	scene.give_at = -1;
	scene.other = INSTANCE_LOCK_NONE;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const f = *state;

	instance_lock_release(&scene.other);
	arena_finish(&f->arena);
	folder_remove(f);
	free(f);
	return 0;
}

static enum err take(struct fixture *f, const struct lock_owner *us, const struct lock_wait *patience,
	struct instance_lock *out, struct str *why)
{
	return instance_lock_acquire(str_of(f->path), us, patience, &f->arena, out, why);
}

static void the_second_is_refused_by_name(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	struct stat st;

	assert_int_equal(take(f, &first, &none, &scene.other, &why), OK);
	assert_int_equal(take(f, &second, &none, &hold, &why), ERR_BUSY);
	assert_non_null(strstr(why.p, f->path));
	assert_non_null(strstr(why.p, "held by process 4711 on one.example since 2026-01-05T10:00:00.000Z"));
	assert_int_equal(hold.fd, -1);
	instance_lock_release(&scene.other);
	assert_int_equal(take(f, &second, &none, &hold, &why), OK);
	assert_int_equal(take(f, &first, &none, &scene.other, &why), ERR_BUSY);
	assert_non_null(strstr(why.p, "process 4712 on two.example"));
	instance_lock_release(&hold);
	assert_int_equal(stat(arena_printf(&f->arena, "%s.lock", f->path).p, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void the_wait_ends_at_its_limit(void **state)
{
	static const struct {
		const char *name;
		int64_t give_at; /* after the beginning */
		enum err want;
		int64_t takes;
	} rows[] = {
		{ "never", -1, ERR_BUSY, 30000 },
		{ "1 ms before", 29999, OK, 30000 },
		{ "at the limit", 30000, OK, 30000 },
		{ "1 ms after", 30001, ERR_BUSY, 30000 },
		{ "two seconds", 2000, OK, 2000 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct instance_lock hold = INSTANCE_LOCK_NONE;
		struct str why = STR("");

		print_message("# %s\n", rows[i].name);
		scene.told = 0;
		scene.ticks = 1000;
		scene.give_at = rows[i].give_at < 0 ? -1 : 1000 + rows[i].give_at;
		assert_int_equal(take(f, &first, &none, &scene.other, &why), OK);
		assert_int_equal(take(f, &second, &thirty_seconds, &hold, &why), rows[i].want);
		assert_in_range(scene.ticks - 1000, rows[i].takes, rows[i].takes + 50);
		assert_int_equal(scene.told, 1);
		assert_non_null(strstr(scene.sentence, "waiting up to 30 s for it: held by process 4711"));
		instance_lock_release(&hold);
		instance_lock_release(&scene.other);
	}
}

static void nobody_waits_for_nobody(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	assert_int_equal(take(f, &second, &thirty_seconds, &hold, &why), OK);
	assert_int_equal(scene.ticks, 1000);
	assert_int_equal(scene.told, 0);
	instance_lock_release(&hold);
	instance_lock_release(&hold);
}

static void hold_and_wait(struct fixture *f, int said)
{
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	if (take(f, &first, &none, &hold, &why) == OK)
		(void)!write(said, "!", 1);
	for (;;)
		(void)pause();
}

static void kill_9_frees_it(void **state)
{
	struct fixture *const f = *state;
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	int said[2], status;
	char c;
	pid_t child;

	assert_int_equal(pipe(said), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		hold_and_wait(f, said[1]);
		_exit(1);
	}
	(void)close(said[1]);
	assert_int_equal(read(said[0], &c, 1), 1);
	(void)close(said[0]);
	assert_int_equal(take(f, &second, &none, &hold, &why), ERR_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(take(f, &second, &none, &hold, &why), OK);
	instance_lock_release(&hold);
}

/* Two names of one database are one database. */
static void a_link_to_it_is_held_as_well(void **state)
{
	struct fixture *const f = *state;
	const struct str link = arena_printf(&f->arena, "%s/link.db", f->folder);
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");

	assert_int_equal(sqlite_store_migrate(str_of(f->path), NULL, &f->arena, &why), OK);
	assert_int_equal(symlink(f->path, link.p), 0);
	assert_int_equal(take(f, &first, &none, &scene.other, &why), OK);
	assert_int_equal(instance_lock_acquire(link, &second, &none, &f->arena, &hold, &why), ERR_BUSY);
	assert_int_equal(unlink(link.p), 0);
}

static void folders_on_the_way_are_made(void **state)
{
	struct fixture *const f = *state;
	const struct str path = arena_printf(&f->arena, "%s/var/a/b/k.db", f->folder);
	static const char *const folders[] = { "/var", "/var/a", "/var/a/b" };
	struct instance_lock hold = INSTANCE_LOCK_NONE;
	struct str why = STR("");
	const mode_t old = umask(0);
	struct stat st;

	assert_int_equal(instance_lock_acquire(path, &first, &none, &f->arena, &hold, &why), OK);
	(void)umask(old);
	for (size_t i = 0; i < array_len(folders); i++) {
		assert_int_equal(stat(arena_printf(&f->arena, "%s%s", f->folder, folders[i]).p, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0700);
	}
	instance_lock_release(&hold);
	assert_int_equal(unlink(arena_printf(&f->arena, "%s.lock", path.p).p), 0);
	for (size_t i = array_len(folders); i-- > 0;)
		assert_int_equal(rmdir(arena_printf(&f->arena, "%s%s", f->folder, folders[i]).p), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_second_is_refused_by_name),
		TEST(the_wait_ends_at_its_limit),
		TEST(nobody_waits_for_nobody),
		TEST(kill_9_frees_it),
		TEST(a_link_to_it_is_held_as_well),
		TEST(folders_on_the_way_are_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
