#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "store/sqlite/diagnosis.h"

static char heard[4096];
static size_t lines;

static void hear(void *arg maybe_unused, struct str line)
{
	lines++;
	(void)snprintf(heard, sizeof(heard), "%.*s", STR_ARG(line));
}

static int listen_to_lines(void **state maybe_unused)
{
	log_sink_set(hear, NULL);
	lines = 0;
	return 0;
}

static int listen_no_more(void **state maybe_unused)
{
	log_sink_set(NULL, NULL);
	return 0;
}

/* clang-format off */
static const struct {
	int code, system_error;
	enum err failure;
	enum sqlite_condition trouble;
} rows[] = {
	{ SQLITE_OK,                     0,      OK,           CONDITION_NONE },
	{ SQLITE_ROW,                    ENOSPC, OK,           CONDITION_NONE },
	{ SQLITE_DONE,                   0,      OK,           CONDITION_NONE },
	{ SQLITE_BUSY_SNAPSHOT,          0,      ERR_BUSY,     CONDITION_NONE },
	{ SQLITE_LOCKED,                 0,      ERR_BUSY,     CONDITION_NONE },
	{ SQLITE_NOMEM,                  0,      ERR_INTERNAL, CONDITION_NONE },
	{ SQLITE_CONSTRAINT_UNIQUE,      0,      ERR_CONFLICT, CONDITION_NONE },
	{ SQLITE_CONSTRAINT_PRIMARYKEY,  0,      ERR_CONFLICT, CONDITION_NONE },
	{ SQLITE_CONSTRAINT_NOTNULL,     0,      ERR_STORAGE,  CONDITION_NONE },
	{ SQLITE_ERROR,                  ENOSPC, ERR_STORAGE,  CONDITION_NONE },
	{ SQLITE_FULL,                   0,      ERR_STORAGE,  CONDITION_DISK_FULL },
	{ SQLITE_IOERR_WRITE,            EFBIG,  ERR_STORAGE,  CONDITION_DISK_FULL },
	{ SQLITE_IOERR_SHMSIZE,          ENOSPC, ERR_STORAGE,  CONDITION_DISK_FULL },
	{ SQLITE_IOERR_WRITE,            EDQUOT, ERR_STORAGE,  CONDITION_DISK_FULL },
	{ SQLITE_IOERR_WRITE,            EROFS,  ERR_STORAGE,  CONDITION_NO_PERMISSION },
	{ SQLITE_IOERR_READ,             EIO,    ERR_STORAGE,  CONDITION_IO_ERROR },
	{ SQLITE_IOERR_FSYNC,            0,      ERR_STORAGE,  CONDITION_IO_ERROR },
	{ SQLITE_CORRUPT,                0,      ERR_STORAGE,  CONDITION_DAMAGED },
	{ SQLITE_CORRUPT_INDEX,          EFBIG,  ERR_STORAGE,  CONDITION_DAMAGED },
	{ SQLITE_NOTADB,                 0,      ERR_INPUT,    CONDITION_NOT_A_DATABASE },
	{ SQLITE_READONLY,               0,      ERR_STORAGE,  CONDITION_NO_PERMISSION },
	{ SQLITE_READONLY_DIRECTORY,     0,      ERR_STORAGE,  CONDITION_NO_PERMISSION },
	{ SQLITE_CANTOPEN,               0,      ERR_NOT_FOUND,  CONDITION_NO_PERMISSION },
	{ SQLITE_CANTOPEN,               EACCES, ERR_NOT_FOUND,  CONDITION_NO_PERMISSION },
	{ SQLITE_CANTOPEN,               ENOSPC, ERR_NOT_FOUND,  CONDITION_DISK_FULL },
	{ SQLITE_CANTOPEN,               EISDIR, ERR_NOT_FOUND,  CONDITION_NONE },
	{ SQLITE_CANTOPEN,               EMFILE, ERR_NOT_FOUND,  CONDITION_NONE },
};
/* clang-format on */

static void codes_become_failures_and_causes(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		sqlite_condition_forget();
		print_message("# code %d, errno %d\n", rows[i].code, rows[i].system_error);
		assert_int_equal(sqlite_diagnose(rows[i].code, rows[i].system_error), rows[i].failure);
		assert_int_equal(sqlite_condition_last(), rows[i].trouble);
	}
}

static void every_trouble_has_its_sentence(void **state maybe_unused)
{
	assert_null(sqlite_condition_message(CONDITION_NONE));
	for (int i = CONDITION_NONE + 1; i < CONDITION_COUNT; i++)
		assert_non_null(sqlite_condition_message((enum sqlite_condition)i));
}

/* What other calls noted before is over. */
static void a_full_disk_is_told_once_and_so_is_its_end(void **state maybe_unused)
{
	sqlite_condition_clear();
	for (int turn = 0; turn < 2; turn++) {
		lines = 0;
		for (int i = 0; i < 100; i++)
			(void)sqlite_diagnose(SQLITE_FULL, 0);
		assert_int_equal(lines, 1);
		assert_non_null(strstr(heard, " event=disk_full code=13 "));
		for (int i = 0; i < 100; i++)
			sqlite_condition_clear();
		assert_int_equal(lines, 2);
		assert_non_null(strstr(heard, " event=disk_full_cleared\n"));
	}
}

static void a_storm_of_failures_is_a_few_lines(void **state maybe_unused)
{
	for (int i = 1; i <= 1024; i++)
		(void)sqlite_diagnose(SQLITE_PROTOCOL, EIO);
	assert_int_equal(lines, 11);
	assert_non_null(strstr(heard, " event=sqlite_failed code=15 times=1024 errno=0\n"));
	(void)sqlite_diagnose(SQLITE_AUTH, 0);
	assert_int_equal(lines, 12);
}

/* Last: nothing unhushes. */
static void who_says_it_by_a_sentence_logs_nothing(void **state maybe_unused)
{
	sqlite_condition_mute();
	(void)sqlite_diagnose(SQLITE_FULL, 0);
	(void)sqlite_diagnose(SQLITE_MISMATCH, 0);
	sqlite_condition_clear();
	assert_int_equal(lines, 0);
	(void)sqlite_diagnose(SQLITE_CORRUPT, 0);
	assert_int_equal(sqlite_condition_last(), CONDITION_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			codes_become_failures_and_causes, listen_to_lines, listen_no_more),
		cmocka_unit_test(every_trouble_has_its_sentence),
		cmocka_unit_test_setup_teardown(
			a_full_disk_is_told_once_and_so_is_its_end, listen_to_lines, listen_no_more),
		cmocka_unit_test_setup_teardown(
			a_storm_of_failures_is_a_few_lines, listen_to_lines, listen_no_more),
		cmocka_unit_test_setup_teardown(
			who_says_it_by_a_sentence_logs_nothing, listen_to_lines, listen_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
