/* Tests of the key-value store in an SQLite file (store/sqlite/kv.h), which holds the sandbox's state:
 * committed values are there after a restart, and any other file is rejected with a message. */
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

struct fixture {
	char folder[64], file[96];
	struct arena arena;
	struct str why;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	assert_true(str_copy_to(STR("/tmp/kycd-kv-XXXXXX"), fixture.folder, sizeof(fixture.folder)));
	assert_non_null(mkdtemp(fixture.folder));
	assert_true(snprintf(fixture.file, sizeof(fixture.file), "%s/made/sandbox.db", fixture.folder) > 0);
	arena_init(&fixture.arena, ARENA_CALL_LIMIT);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const fixture = *state;
	char other[128];

	for (size_t i = 0; i < 3; i++) {
		static const char *const tails[] = { "", "-wal", "-shm" };

		assert_true(snprintf(other, sizeof(other), "%s%s", fixture->file, tails[i]) > 0);
		(void)unlink(other);
	}
	assert_true(snprintf(other, sizeof(other), "%s/made", fixture->folder) > 0);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(rmdir(fixture->folder), 0);
	arena_finish(&fixture->arena);
	return 0;
}

static enum err kv_try_open(struct fixture *fixture, int64_t version, struct kv_store **out)
{
	return sqlite_kv_open(str_of(fixture->file), version, &fixture->arena, out, &fixture->why);
}

static struct kv_store *kv_open(struct fixture *fixture)
{
	struct kv_store *kv = NULL;

	assert_int_equal(kv_try_open(fixture, 1, &kv), OK);
	return kv;
}

static void assert_kv_opens(struct fixture *fixture)
{
	struct kv_store *const kv = kv_open(fixture);

	kv->ops->close(kv);
}

static void kv_put(struct kv_store *kv, const char *kind, int64_t key, const char *text)
{
	kv->ops->put(kv, kind, key, str_of(text));
}

struct visited {
	char text[256];
	enum err result;
};

static enum err append_visited(void *arg, int64_t key, struct str bytes)
{
	struct visited *const visited = arg;
	const size_t n = strlen(visited->text);

	assert_true(snprintf(visited->text + n, sizeof(visited->text) - n, "%lld=%.*s ", (long long)key,
			    STR_ARG(bytes)) > 0);
	return visited->result;
}

static void assert_kv_holds(struct kv_store *kv, const char *kind, const char *all)
{
	struct visited visited = { .result = OK };

	assert_int_equal(kv->ops->each(kv, kind, append_visited, &visited), OK);
	assert_string_equal(visited.text, all);
}

static void committed_values_survive_reopening(void **state)
{
	struct kv_store *kv = kv_open(*state);

	kv->ops->begin(kv);
	kv_put(kv, "a", 10, "ten");
	kv_put(kv, "a", -1, "less");
	kv_put(kv, "a", 9, "nine");
	kv_put(kv, "b", 9, "");
	assert_int_equal(kv->ops->commit(kv), OK);
	kv->ops->begin(kv);
	kv_put(kv, "a", 9, "another");
	kv->ops->drop(kv, "a", 10);
	kv->ops->drop(kv, "a", 11);
	assert_int_equal(kv->ops->commit(kv), OK);
	assert_kv_holds(kv, "a", "-1=less 9=another ");
	kv->ops->close(kv);

	kv = kv_open(*state);
	assert_kv_holds(kv, "a", "-1=less 9=another ");
	assert_kv_holds(kv, "b", "9= ");
	assert_kv_holds(kv, "c", "");
	kv->ops->close(kv);
}

static void callback_error_stops_the_iteration(void **state)
{
	struct visited visited = { .result = ERR_INPUT };
	struct kv_store *const kv = kv_open(*state);

	kv->ops->begin(kv);
	kv_put(kv, "a", 1, "one");
	kv_put(kv, "a", 2, "two");
	assert_int_equal(kv->ops->commit(kv), OK);
	assert_int_equal(kv->ops->each(kv, "a", append_visited, &visited), ERR_INPUT);
	assert_string_equal(visited.text, "1=one ");
	kv->ops->close(kv);
}

static void committed_values_survive_sigkill(void **state)
{
	const pid_t child = fork();
	struct kv_store *kv;
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		kv = kv_open(*state);
		kv->ops->begin(kv);
		kv_put(kv, "a", 1, "one");
		assert_int_equal(kv->ops->commit(kv), OK);
		kv->ops->begin(kv);
		kv_put(kv, "a", 2, "two");
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	kv = kv_open(*state);
	assert_kv_holds(kv, "a", "1=one ");
	kv->ops->close(kv);
}

static void only_the_owner_may_read_the_file(void **state)
{
	struct fixture *const fixture = *state;
	struct kv_store *const kv = kv_open(fixture);
	struct stat st;

	assert_int_equal(stat(fixture->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(fixture->file, '/') = '\0';
	assert_int_equal(stat(fixture->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	fixture->file[strlen(fixture->file)] = '/';
	kv->ops->close(kv);
}

static void assert_kv_rejected(struct fixture *fixture, int64_t version, enum err e, const char *part)
{
	struct kv_store *kv = NULL;

	fixture->why = STR("");
	assert_int_equal(kv_try_open(fixture, version, &kv), e);
	assert_null(kv);
	assert_non_null(memmem(fixture->why.p, fixture->why.n, fixture->file, strlen(fixture->file)));
	if (!memmem(fixture->why.p, fixture->why.n, part, strlen(part)))
		fail_msg("%.*s", STR_ARG(fixture->why));
}

static void file_of_another_version_is_rejected(void **state)
{
	struct kv_store *const kv = kv_open(*state);

	kv->ops->close(kv);
	assert_kv_rejected(*state, 2, ERR_CONFLICT, "another version of kycd (1, this one writes 2)");
	assert_kv_opens(*state);
}

static void write_file(const struct fixture *fixture, off_t at, const char *text)
{
	const int fd = open(fixture->file, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void other_file_is_rejected_and_unchanged(void **state)
{
	struct fixture *const fixture = *state;
	struct sql *sql = NULL;

	*strrchr(fixture->file, '/') = '\0';
	assert_int_equal(mkdir(fixture->file, 0700), 0);
	fixture->file[strlen(fixture->file)] = '/';
	write_file(fixture, 0, "This is a text file and not an SQLite database.");
	assert_kv_rejected(fixture, 1, ERR_INPUT, "remove it and the sandbox starts empty");
	assert_int_equal(truncate(fixture->file, 0), 0);
	assert_int_equal(sqlite_driver_open(fixture->file, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, "CREATE TABLE t (a INTEGER)"), OK);
	sql->ops->close(sql);
	assert_kv_rejected(fixture, 1, ERR_INPUT, "not a sandbox file");
}

static void damaged_file_is_rejected(void **state)
{
	static char large[3000];
	struct fixture *const fixture = *state;
	struct kv_store *kv = kv_open(fixture);

	memset(large, 'x', sizeof(large) - 1);
	for (int64_t i = 0; i < 50; i++) {
		kv->ops->begin(kv);
		kv_put(kv, "a", i, large);
		assert_int_equal(kv->ops->commit(kv), OK);
	}
	kv->ops->close(kv);
	for (off_t at = 4096; at < 40960; at += 4096)
		write_file(fixture, at, "overwritten by the test");
	assert_kv_rejected(fixture, 1, ERR_INPUT, "is damaged: remove it and the sandbox starts empty");
}

static void file_in_use_is_rejected(void **state)
{
	struct fixture *const fixture = *state;
	struct kv_store *const kv = kv_open(fixture);

	assert_kv_rejected(fixture, 1, ERR_BUSY, "another kycd process uses it for its sandbox");
	assert_kv_holds(kv, "a", "");
	kv->ops->close(kv);
	assert_kv_opens(fixture);
}

static char log_text[4096];

static void append_log_line(void *arg maybe_unused, struct str line)
{
	const size_t n = strlen(log_text);

	assert_true(str_copy_to(line, log_text + n, sizeof(log_text) - n));
}

static size_t count_in_log(const char *what)
{
	size_t n = 0;

	for (const char *at = log_text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

static enum err put_64_kib(struct kv_store *kv, int64_t key)
{
	static const char large[65536];

	kv->ops->begin(kv);
	kv->ops->put(kv, "session", key, (struct str){ large, sizeof(large) });
	return kv->ops->commit(kv);
}

static void full_disk_and_recovery_are_logged_once_each(void **state)
{
	struct kv_store *const kv = kv_open(*state);
	struct rlimit unlimited, limited;

	assert_int_equal(put_64_kib(kv, 1), OK);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
	limited = unlimited;
	limited.rlim_cur = 65536;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	log_sink_set(append_log_line, NULL);
	for (int round = 1; round <= 2; round++) {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limited), 0);
		for (int i = 0; i < 10; i++)
			assert_int_equal(put_64_kib(kv, 100 + i), ERR_STORAGE);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
		assert_int_equal(count_in_log("event=sandbox_file_failed"), round);
		assert_int_equal(count_in_log("file=\"cannot grow: the disk is full"), round);
		assert_int_equal(put_64_kib(kv, 2), OK);
		assert_int_equal(put_64_kib(kv, 3), OK);
		assert_int_equal(count_in_log("event=sandbox_file_recovered"), round);
	}
	log_sink_set(NULL, NULL);
	kv->ops->close(kv);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(committed_values_survive_reopening),
		TEST(callback_error_stops_the_iteration),
		TEST(committed_values_survive_sigkill),
		TEST(only_the_owner_may_read_the_file),
		TEST(file_of_another_version_is_rejected),
		TEST(other_file_is_rejected_and_unchanged),
		TEST(damaged_file_is_rejected),
		TEST(file_in_use_is_rejected),
		TEST(full_disk_and_recovery_are_logged_once_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
