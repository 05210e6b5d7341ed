/* What is wrong when SQLite fails, as an operator can do something about it. One state for the process, for
 * it has one database: the log hears of each change, not of each call that was refused. From any thread. */
#pragma once

#include "base/err.h"

enum trouble {
	TROUBLE_NONE,
	TROUBLE_FULL,
	TROUBLE_DAMAGED,
	TROUBLE_NO_DATABASE, /* or one whose first page is damaged */
	TROUBLE_RIGHTS,
	TROUBLE_DISK,
	TROUBLES
};

/* SQLite's code as a failure; what is trouble is noted. `system_error`: an errno, or 0;
 * counts where a code leaves the cause open. */
enum err sqlite_trouble_judge(int code, int system_error);
/* The cause alone: nothing is noted. */
enum trouble sqlite_trouble_of(int code, int system_error);
/* A commit has written: there is room. */
void sqlite_trouble_over(void);
/* The last one; forgetting it is for who begins something new. */
enum trouble sqlite_trouble_last(void);
void sqlite_trouble_forget(void);
/* Of a failed system call beside SQLite. */
enum trouble sqlite_trouble_of_errno(int system_error);
/* What may follow "the database ", or its path and a colon: what is wrong, and what to do. NULL for none. */
const char *sqlite_trouble_sentence(enum trouble trouble);
/* From now on nothing is logged: a command says it in a sentence of its own. */
void sqlite_trouble_hush(void);
