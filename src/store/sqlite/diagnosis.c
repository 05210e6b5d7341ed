#include "store/sqlite/diagnosis.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "base/log.h"
#include "store/sqlite/code.h"

#define CODES 256 /* the primary one is the lowest byte */
#define KEEP_THE_FILES "stop the server, keep the files, restore the last backup (docs/operating.md)"

static const char *const sentences[CONDITION_COUNT] = {
	[CONDITION_DISK_FULL] =
		"cannot grow: the disk is full, or a limit on file sizes is reached; make room and "
		"try again",
	[CONDITION_DAMAGED] = "is damaged: " KEEP_THE_FILES,
	[CONDITION_NOT_A_DATABASE] = "is not a SQLite database, or is damaged: give the right file, or "
				     "" KEEP_THE_FILES,
	[CONDITION_NO_PERMISSION] = "may not be written by this user: run it as the server's user",
	[CONDITION_IO_ERROR] = "fails: look at the disk and the system's log, then run `kycd db check`",
};

static _Atomic int last;
static atomic_bool full, hushed;
static _Atomic unsigned counts[CODES];

enum sqlite_condition sqlite_condition_of_errno(int system_error)
{
	switch (system_error) {
	case 0:
		return CONDITION_NONE;
	case ENOSPC:
	case EFBIG:
	case EDQUOT:
		return CONDITION_DISK_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return CONDITION_NO_PERMISSION;
	default:
		return CONDITION_IO_ERROR;
	}
}

/* A folder in its place, or no descriptors left, is told by who opens. */
static enum sqlite_condition trouble_of_opening(int system_error)
{
	const enum sqlite_condition trouble = system_error == 0 ? CONDITION_NO_PERMISSION
								: sqlite_condition_of_errno(system_error);

	return trouble == CONDITION_IO_ERROR ? CONDITION_NONE : trouble;
}

enum sqlite_condition sqlite_condition_of(int code, int system_error)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return CONDITION_DISK_FULL;
	case SQLITE_CORRUPT:
		return CONDITION_DAMAGED;
	case SQLITE_NOTADB:
		return CONDITION_NOT_A_DATABASE;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return CONDITION_NO_PERMISSION;
	case SQLITE_CANTOPEN:
		return trouble_of_opening(system_error);
	}
	/* What is left of SQLite's own codes is told by who asked. */
	return (code & 0xff) == SQLITE_IOERR
		       ? sqlite_condition_of_errno(system_error != 0 ? system_error : EIO)
		       : CONDITION_NONE;
}

/* The first of its kind, the second, the fourth, the eighth: a storm of them is a few lines. */
static void tell(int code, int system_error)
{
	const unsigned n = atomic_fetch_add(&counts[code & 0xff], 1) + 1;
	const bool of_system = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;

	if ((n & (n - 1)) == 0 && !atomic_load(&hushed))
		log_event(LOG_ERROR, "sqlite_failed", LOG_NUMBER("code", code), LOG_NUMBER("times", n),
			LOG_NUMBER("errno", of_system ? system_error : 0));
}

static void note(int code, int system_error)
{
	const enum sqlite_condition trouble = sqlite_condition_of(code, system_error);

	if (trouble != CONDITION_NONE)
		atomic_store(&last, (int)trouble);
	if (trouble != CONDITION_DISK_FULL)
		tell(code, system_error);
	else if (!atomic_exchange(&full, true) && !atomic_load(&hushed))
		log_event(LOG_ERROR, "disk_full", LOG_NUMBER("code", code),
			LOG_TEXT("effect", "calls that write answer 503 until there is room"),
			LOG_TEXT("action",
				"make room on the database's disk: docs/operating.md says what may go"));
}

void sqlite_condition_clear(void)
{
	if (atomic_load(&full) && atomic_exchange(&full, false) && !atomic_load(&hushed))
		log_event(LOG_INFO, "disk_full_cleared");
}

enum err sqlite_diagnose(int code, int system_error)
{
	const enum err e = sqlite_code_err(code);

	if (e == OK || e == ERR_BUSY || e == ERR_INTERNAL)
		return e;
	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return ERR_CONFLICT;
	note(code, system_error);
	return e;
}

enum sqlite_condition sqlite_condition_last(void)
{
	return (enum sqlite_condition)atomic_load(&last);
}

void sqlite_condition_forget(void)
{
	atomic_store(&last, (int)CONDITION_NONE);
}

const char *sqlite_condition_message(enum sqlite_condition trouble)
{
	return sentences[trouble];
}

void sqlite_condition_mute(void)
{
	atomic_store(&hushed, true);
}
