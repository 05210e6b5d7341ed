/* What is wrong when SQLite fails, as an operator can do something about it. One state for the process, for
 * it has one database: the log hears of each change, not of each call that was refused. From any thread. */
#pragma once

#include "base/err.h"

enum sqlite_condition {
	CONDITION_NONE,
	CONDITION_DISK_FULL,
	CONDITION_DAMAGED,
	CONDITION_NOT_A_DATABASE, /* or one whose first page is damaged */
	CONDITION_NO_PERMISSION,
	CONDITION_IO_ERROR,
	CONDITION_COUNT
};

/* SQLite's code as a failure; what is trouble is noted. `system_error`: an errno, or 0;
 * counts where a code leaves the cause open. */
enum err sqlite_diagnose(int code, int system_error);
/* The cause alone: nothing is noted. */
enum sqlite_condition sqlite_condition_of(int code, int system_error);
/* A commit has written: there is room. */
void sqlite_condition_clear(void);
/* The last one; forgetting it is for who begins something new. */
enum sqlite_condition sqlite_condition_last(void);
void sqlite_condition_forget(void);
/* Of a failed system call beside SQLite. */
enum sqlite_condition sqlite_condition_of_errno(int system_error);
/* What may follow "the database ", or its path and a colon: what is wrong, and what to do. NULL for none. */
const char *sqlite_condition_message(enum sqlite_condition trouble);
/* From now on nothing is logged: a command says it in a sentence of its own. */
void sqlite_condition_mute(void);
