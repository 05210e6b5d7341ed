/* The shelf in a file: what was committed is there for the next program, and whatever is no shelf is refused
 * in one sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/log.h"
#include "store/sqlite/driver.h"
#include "store/sqlite/kv.h"

struct place {
	char folder[64], file[96];
	struct arena arena;
	struct str why;
};

static int setup(void **state)
{
	static struct place place;

	memset(&place, 0, sizeof(place));
	assert_true(str_copy_to(STR("/tmp/kycd-shelf-XXXXXX"), place.folder, sizeof(place.folder)));
	assert_non_null(mkdtemp(place.folder));
	assert_true(snprintf(place.file, sizeof(place.file), "%s/made/sandbox.db", place.folder) > 0);
	arena_init(&place.arena, ARENA_CALL_LIMIT);
	*state = &place;
	return 0;
}

static int teardown(void **state)
{
	struct place *const place = *state;
	char other[128];

	for (size_t i = 0; i < 3; i++) {
		static const char *const tails[] = { "", "-wal", "-shm" };

		assert_true(snprintf(other, sizeof(other), "%s%s", place->file, tails[i]) > 0);
		(void)unlink(other);
	}
	assert_true(snprintf(other, sizeof(other), "%s/made", place->folder) > 0);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(rmdir(place->folder), 0);
	arena_finish(&place->arena);
	return 0;
}

static enum err open_it(struct place *place, int64_t version, struct kv_store **out)
{
	return sqlite_kv_open(str_of(place->file), version, &place->arena, out, &place->why);
}

static struct kv_store *opened(struct place *place)
{
	struct kv_store *kv = NULL;

	assert_int_equal(open_it(place, 1, &kv), OK);
	return kv;
}

static void reopened(struct place *place)
{
	struct kv_store *const kv = opened(place);

	kv->ops->close(kv);
}

static void put(struct kv_store *kv, const char *kind, int64_t key, const char *text)
{
	kv->ops->put(kv, kind, key, str_of(text));
}

struct seen {
	char text[256];
	enum err answer;
};

static enum err see(void *arg, int64_t key, struct str bytes)
{
	struct seen *const seen = arg;
	const size_t n = strlen(seen->text);

	assert_true(snprintf(seen->text + n, sizeof(seen->text) - n, "%lld=%.*s ", (long long)key,
			    STR_ARG(bytes)) > 0);
	return seen->answer;
}

static void holds(struct kv_store *kv, const char *kind, const char *all)
{
	struct seen seen = { .answer = OK };

	assert_int_equal(kv->ops->each(kv, kind, see, &seen), OK);
	assert_string_equal(seen.text, all);
}

static void what_was_committed_is_there_again(void **state)
{
	struct kv_store *kv = opened(*state);

	kv->ops->begin(kv);
	put(kv, "a", 10, "ten");
	put(kv, "a", -1, "less");
	put(kv, "a", 9, "nine");
	put(kv, "b", 9, "");
	assert_int_equal(kv->ops->commit(kv), OK);
	kv->ops->begin(kv);
	put(kv, "a", 9, "another");
	kv->ops->drop(kv, "a", 10);
	kv->ops->drop(kv, "a", 11);
	assert_int_equal(kv->ops->commit(kv), OK);
	holds(kv, "a", "-1=less 9=another ");
	kv->ops->close(kv);

	kv = opened(*state);
	holds(kv, "a", "-1=less 9=another ");
	holds(kv, "b", "9= ");
	holds(kv, "c", "");
	kv->ops->close(kv);
}

static void who_looks_may_stop(void **state)
{
	struct seen seen = { .answer = ERR_INPUT };
	struct kv_store *const kv = opened(*state);

	kv->ops->begin(kv);
	put(kv, "a", 1, "one");
	put(kv, "a", 2, "two");
	assert_int_equal(kv->ops->commit(kv), OK);
	assert_int_equal(kv->ops->each(kv, "a", see, &seen), ERR_INPUT);
	assert_string_equal(seen.text, "1=one ");
	kv->ops->close(kv);
}

static void who_is_killed_keeps_what_was_committed(void **state)
{
	const pid_t child = fork();
	struct kv_store *kv;
	int how;

	assert_true(child >= 0);
	if (child == 0) {
		kv = opened(*state);
		kv->ops->begin(kv);
		put(kv, "a", 1, "one");
		assert_int_equal(kv->ops->commit(kv), OK);
		kv->ops->begin(kv);
		put(kv, "a", 2, "two");
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	kv = opened(*state);
	holds(kv, "a", "1=one ");
	kv->ops->close(kv);
}

static void nobody_else_may_read_it(void **state)
{
	struct place *const place = *state;
	struct kv_store *const kv = opened(place);
	struct stat st;

	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(place->file, '/') = '\0';
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	place->file[strlen(place->file)] = '/';
	kv->ops->close(kv);
}

static void refused(struct place *place, int64_t version, enum err e, const char *because)
{
	struct kv_store *kv = NULL;

	place->why = STR("");
	assert_int_equal(open_it(place, version, &kv), e);
	assert_null(kv);
	assert_non_null(memmem(place->why.p, place->why.n, place->file, strlen(place->file)));
	if (!memmem(place->why.p, place->why.n, because, strlen(because)))
		fail_msg("%.*s", STR_ARG(place->why));
}

static void one_of_another_version_is_refused(void **state)
{
	struct kv_store *const kv = opened(*state);

	kv->ops->close(kv);
	refused(*state, 2, ERR_CONFLICT, "another version of kycd (1, this one writes 2)");
	reopened(*state);
}

static void write_file(const struct place *place, off_t at, const char *text)
{
	const int fd = open(place->file, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void what_is_no_shelf_is_refused_and_left_alone(void **state)
{
	struct place *const place = *state;
	struct sql *sql = NULL;

	*strrchr(place->file, '/') = '\0';
	assert_int_equal(mkdir(place->file, 0700), 0);
	place->file[strlen(place->file)] = '/';
	write_file(place, 0, "This was written by somebody who has nothing to do with databases.");
	refused(place, 1, ERR_INPUT, "remove it and the sandbox starts empty");
	assert_int_equal(truncate(place->file, 0), 0);
	assert_int_equal(sqlite_driver_open(place->file, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, "CREATE TABLE t (a INTEGER)"), OK);
	sql->ops->close(sql);
	refused(place, 1, ERR_INPUT, "not a sandbox file");
}

static void a_damaged_one_is_refused(void **state)
{
	static char large[3000];
	struct place *const place = *state;
	struct kv_store *kv = opened(place);

	memset(large, 'x', sizeof(large) - 1);
	for (int64_t i = 0; i < 50; i++) {
		kv->ops->begin(kv);
		put(kv, "a", i, large);
		assert_int_equal(kv->ops->commit(kv), OK);
	}
	kv->ops->close(kv);
	for (off_t at = 4096; at < 40960; at += 4096)
		write_file(place, at, "damaged here, and by nobody in particular");
	refused(place, 1, ERR_INPUT, "is damaged: remove it and the sandbox starts empty");
}

static void two_programs_do_not_share_it(void **state)
{
	struct place *const place = *state;
	struct kv_store *const kv = opened(place);

	refused(place, 1, ERR_BUSY, "another kycd process uses it for its sandbox");
	holds(kv, "a", "");
	kv->ops->close(kv);
	reopened(place);
}

static char heard[4096];

static void hear(void *arg maybe_unused, struct str line)
{
	const size_t n = strlen(heard);

	assert_true(str_copy_to(line, heard + n, sizeof(heard) - n));
}

static size_t times_heard(const char *what)
{
	size_t n = 0;

	for (const char *at = heard; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static enum err fill(struct kv_store *kv, int64_t key)
{
	static const char large[65536];

	kv->ops->begin(kv);
	kv->ops->put(kv, "session", key, (struct str){ large, sizeof(large) });
	return kv->ops->commit(kv);
}

static void a_full_disk_is_told_once_in_a_sentence_and_so_is_its_end(void **state)
{
	struct kv_store *const kv = opened(*state);
	struct rlimit before, narrow;

	assert_int_equal(fill(kv, 1), OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	narrow = before;
	narrow.rlim_cur = 65536;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	log_sink_set(hear, NULL);
	for (int turn = 1; turn <= 2; turn++) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &narrow), 0);
		for (int i = 0; i < 10; i++)
			assert_int_equal(fill(kv, 100 + i), ERR_STORAGE);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(times_heard("event=sandbox_file_failed"), turn);
		assert_int_equal(times_heard("file=\"cannot grow: the disk is full"), turn);
		assert_int_equal(fill(kv, 2), OK);
		assert_int_equal(fill(kv, 3), OK);
		assert_int_equal(times_heard("event=sandbox_file_recovered"), turn);
	}
	log_sink_set(NULL, NULL);
	kv->ops->close(kv);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_committed_is_there_again),
		TEST(who_looks_may_stop),
		TEST(who_is_killed_keeps_what_was_committed),
		TEST(nobody_else_may_read_it),
		TEST(one_of_another_version_is_refused),
		TEST(what_is_no_shelf_is_refused_and_left_alone),
		TEST(a_damaged_one_is_refused),
		TEST(two_programs_do_not_share_it),
		TEST(a_full_disk_is_told_once_in_a_sentence_and_so_is_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
