/* Finds out why a call of SQLite failed, in terms of what an operator can do about it, and logs it. A process
 * has one database, so this module has one state per process. It logs each change of the condition, not each
 * failed call. Thread-safe. */
#pragma once

#include "base/err.h"

enum sqlite_condition {
	CONDITION_NONE,
	CONDITION_DISK_FULL,
	CONDITION_DAMAGED,
	CONDITION_NOT_A_DATABASE, /* the file is no SQLite database, or its first page is damaged */
	CONDITION_NO_PERMISSION,
	CONDITION_IO_ERROR,
	CONDITION_COUNT
};

/* Converts a result code of SQLite to an error. Records and logs its condition. `system_error` is the errno
 * of the failed call, or 0; it is used for result codes that have several possible causes. */
enum err sqlite_diagnose(int code, int system_error);
/* Returns the condition for a failure, without recording or logging it. */
enum sqlite_condition sqlite_condition_of(int code, int system_error);
/* Ends CONDITION_DISK_FULL and logs that. Must be called after each commit that wrote to the disk. */
void sqlite_condition_clear(void);
/* sqlite_condition_last returns the condition that was recorded last. sqlite_condition_forget resets it to
 * CONDITION_NONE; callers use it before an operation whose own condition they want to read. */
enum sqlite_condition sqlite_condition_last(void);
void sqlite_condition_forget(void);
/* Returns the condition for the errno of a system call that was not made by SQLite. */
enum sqlite_condition sqlite_condition_of_errno(int system_error);
/* Returns what is wrong and what to do about it, as static text that follows "the database " or "PATH: ".
 * Returns NULL for CONDITION_NONE. */
const char *sqlite_condition_message(enum sqlite_condition condition);
/* Turns off logging by this module. Used by commands that print the condition themselves. */
void sqlite_condition_mute(void);
