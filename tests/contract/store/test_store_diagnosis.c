/* Tests how SQLite result codes are mapped to failures and conditions, and how often these are logged
 * (store/sqlite/diagnosis.h). */
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

static char last_line[4096];
static size_t log_lines;

static void save_log_line(void *arg maybe_unused, struct str line)
{
	log_lines++;
	(void)snprintf(last_line, sizeof(last_line), "%.*s", STR_ARG(line));
}

static int start_log_capture(void **state maybe_unused)
{
	log_sink_set(save_log_line, NULL);
	log_lines = 0;
	return 0;
}

static int stop_log_capture(void **state maybe_unused)
{
	log_sink_set(NULL, NULL);
	return 0;
}

/* clang-format off */
static const struct {
	int code, system_error;
	enum err err;
	enum sqlite_condition condition;
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

static void result_codes_map_to_failure_and_condition(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		sqlite_condition_forget();
		print_message("# code %d, errno %d\n", rows[i].code, rows[i].system_error);
		assert_int_equal(sqlite_diagnose(rows[i].code, rows[i].system_error), rows[i].err);
		assert_int_equal(sqlite_condition_last(), rows[i].condition);
	}
}

static void every_condition_has_a_message(void **state maybe_unused)
{
	assert_null(sqlite_condition_message(CONDITION_NONE));
	for (int i = CONDITION_NONE + 1; i < CONDITION_COUNT; i++)
		assert_non_null(sqlite_condition_message((enum sqlite_condition)i));
}

/* The first call clears a condition that earlier tests may have set. */
static void full_disk_and_recovery_are_logged_once_each(void **state maybe_unused)
{
	sqlite_condition_clear();
	for (int round = 0; round < 2; round++) {
		log_lines = 0;
		for (int i = 0; i < 100; i++)
			(void)sqlite_diagnose(SQLITE_FULL, 0);
		assert_int_equal(log_lines, 1);
		assert_non_null(strstr(last_line, " event=disk_full code=13 "));
		for (int i = 0; i < 100; i++)
			sqlite_condition_clear();
		assert_int_equal(log_lines, 2);
		assert_non_null(strstr(last_line, " event=disk_full_cleared\n"));
	}
}

static void repeated_failures_are_logged_at_powers_of_two(void **state maybe_unused)
{
	for (int i = 1; i <= 1024; i++)
		(void)sqlite_diagnose(SQLITE_PROTOCOL, EIO);
	assert_int_equal(log_lines, 11);
	assert_non_null(strstr(last_line, " event=sqlite_failed code=15 times=1024 errno=0\n"));
	(void)sqlite_diagnose(SQLITE_AUTH, 0);
	assert_int_equal(log_lines, 12);
}

/* This must be the last test, because muting cannot be undone. */
static void muted_diagnosis_logs_nothing(void **state maybe_unused)
{
	sqlite_condition_mute();
	(void)sqlite_diagnose(SQLITE_FULL, 0);
	(void)sqlite_diagnose(SQLITE_MISMATCH, 0);
	sqlite_condition_clear();
	assert_int_equal(log_lines, 0);
	(void)sqlite_diagnose(SQLITE_CORRUPT, 0);
	assert_int_equal(sqlite_condition_last(), CONDITION_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			result_codes_map_to_failure_and_condition, start_log_capture, stop_log_capture),
		cmocka_unit_test(every_condition_has_a_message),
		cmocka_unit_test_setup_teardown(
			full_disk_and_recovery_are_logged_once_each, start_log_capture, stop_log_capture),
		cmocka_unit_test_setup_teardown(
			repeated_failures_are_logged_at_powers_of_two, start_log_capture, stop_log_capture),
		cmocka_unit_test_setup_teardown(
			muted_diagnosis_logs_nothing, start_log_capture, stop_log_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
