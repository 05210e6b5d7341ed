#include "store/sqlite/diagnosis.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "base/log.h"
#include "store/sqlite/code.h"

#define PRIMARY_CODES 256 /* number of primary codes; a primary code is the lowest byte of a result code */
#define KEEP_THE_FILES "stop the server, keep the files, restore the last backup (docs/operating.md)"

static const char *const condition_messages[CONDITION_COUNT] = {
	[CONDITION_DISK_FULL] =
		"cannot grow: the disk is full, or a limit on file sizes is reached; make room and "
		"try again",
	[CONDITION_DAMAGED] = "is damaged: " KEEP_THE_FILES,
	[CONDITION_NOT_A_DATABASE] = "is not a SQLite database, or is damaged: give the right file, or "
				     "" KEEP_THE_FILES,
	[CONDITION_NO_PERMISSION] = "may not be written by this user: run it as the server's user",
	[CONDITION_IO_ERROR] =
		"cannot be read or written: check the disk and the system log, then run `kycd db check`",
};

static _Atomic int last_condition;
static atomic_bool disk_is_full, is_muted;
static _Atomic unsigned failure_counts[PRIMARY_CODES];

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

/* Returns the condition for a file that cannot be opened: a full disk or missing permissions. Returns
 * CONDITION_NONE for other causes, such as a directory or too many open files, because callers have messages
 * of their own for them. */
static enum sqlite_condition condition_of_cantopen(int system_error)
{
	const enum sqlite_condition condition = system_error == 0 ? CONDITION_NO_PERMISSION
								  : sqlite_condition_of_errno(system_error);

	return condition == CONDITION_IO_ERROR ? CONDITION_NONE : condition;
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
		return condition_of_cantopen(system_error);
	}
	/* All other codes have no condition, because the callers have messages of their own for them. */
	return (code & 0xff) == SQLITE_IOERR
		       ? sqlite_condition_of_errno(system_error != 0 ? system_error : EIO)
		       : CONDITION_NONE;
}

/* Logs the 1st, 2nd, 4th, 8th … failure with the same code, so that many failures produce few lines. */
static void log_failure(int code, int system_error)
{
	const unsigned n = atomic_fetch_add(&failure_counts[code & 0xff], 1) + 1;
	const bool has_errno = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;

	if ((n & (n - 1)) == 0 && !atomic_load(&is_muted))
		log_event(LOG_ERROR, "sqlite_failed", LOG_NUMBER("code", code), LOG_NUMBER("times", n),
			LOG_NUMBER("errno", has_errno ? system_error : 0));
}

static void record_condition(int code, int system_error)
{
	const enum sqlite_condition condition = sqlite_condition_of(code, system_error);

	if (condition != CONDITION_NONE)
		atomic_store(&last_condition, (int)condition);
	if (condition != CONDITION_DISK_FULL)
		log_failure(code, system_error);
	else if (!atomic_exchange(&disk_is_full, true) && !atomic_load(&is_muted))
		log_event(LOG_ERROR, "disk_full", LOG_NUMBER("code", code),
			LOG_TEXT("effect", "requests that write get 503 until there is free space"),
			LOG_TEXT("action",
				"free space on the database's disk: docs/operating.md lists what may be removed"));
}

void sqlite_condition_clear(void)
{
	if (atomic_load(&disk_is_full) && atomic_exchange(&disk_is_full, false) && !atomic_load(&is_muted))
		log_event(LOG_INFO, "disk_full_cleared");
}

enum err sqlite_diagnose(int code, int system_error)
{
	const enum err e = sqlite_code_err(code);

	if (e == OK || e == ERR_BUSY || e == ERR_INTERNAL)
		return e;
	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return ERR_CONFLICT;
	record_condition(code, system_error);
	return e;
}

enum sqlite_condition sqlite_condition_last(void)
{
	return (enum sqlite_condition)atomic_load(&last_condition);
}

void sqlite_condition_forget(void)
{
	atomic_store(&last_condition, (int)CONDITION_NONE);
}

const char *sqlite_condition_message(enum sqlite_condition condition)
{
	return condition_messages[condition];
}

void sqlite_condition_mute(void)
{
	atomic_store(&is_muted, true);
}
