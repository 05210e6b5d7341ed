#include "store/sqlite_trouble.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <sqlite3.h>

#include "base/log.h"
#include "store/sqlite_code.h"

#define CODES 256 /* the primary one is the lowest byte */
#define KEEP_THE_FILES "stop the server, keep the files, restore the last backup (docs/operating.md)"

static const char *const sentences[TROUBLES] = {
	[TROUBLE_FULL] = "cannot grow: the disk is full, or a limit on file sizes is reached; make room and "
			 "try again",
	[TROUBLE_DAMAGED] = "is damaged: " KEEP_THE_FILES,
	[TROUBLE_NO_DATABASE] = "is not a SQLite database, or is damaged: give the right file, or "
				"" KEEP_THE_FILES,
	[TROUBLE_RIGHTS] = "may not be written by this user: run it as the server's user",
	[TROUBLE_DISK] = "fails: look at the disk and the system's log, then run `kycd db check`",
};

static _Atomic int last;
static atomic_bool full, hushed;
static _Atomic unsigned counts[CODES];

enum trouble sqlite_trouble_of_errno(int system_error)
{
	switch (system_error) {
	case 0:
		return TROUBLE_NONE;
	case ENOSPC:
	case EFBIG:
	case EDQUOT:
		return TROUBLE_FULL;
	case EACCES:
	case EPERM:
	case EROFS:
		return TROUBLE_RIGHTS;
	default:
		return TROUBLE_DISK;
	}
}

/* A folder in its place, or no descriptors left, is told by who opens. */
static enum trouble trouble_of_opening(int system_error)
{
	const enum trouble trouble = system_error == 0 ? TROUBLE_RIGHTS
						       : sqlite_trouble_of_errno(system_error);

	return trouble == TROUBLE_DISK ? TROUBLE_NONE : trouble;
}

enum trouble sqlite_trouble_of(int code, int system_error)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return TROUBLE_FULL;
	case SQLITE_CORRUPT:
		return TROUBLE_DAMAGED;
	case SQLITE_NOTADB:
		return TROUBLE_NO_DATABASE;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return TROUBLE_RIGHTS;
	case SQLITE_CANTOPEN:
		return trouble_of_opening(system_error);
	}
	/* What is left of SQLite's own codes is told by who asked. */
	return (code & 0xff) == SQLITE_IOERR ? sqlite_trouble_of_errno(system_error != 0 ? system_error : EIO)
					     : TROUBLE_NONE;
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
	const enum trouble trouble = sqlite_trouble_of(code, system_error);

	if (trouble != TROUBLE_NONE)
		atomic_store(&last, (int)trouble);
	if (trouble != TROUBLE_FULL)
		tell(code, system_error);
	else if (!atomic_exchange(&full, true) && !atomic_load(&hushed))
		log_event(LOG_ERROR, "disk_full", LOG_NUMBER("code", code),
			LOG_TEXT("so", "calls that write answer 503 until there is room"),
			LOG_TEXT("do",
				"make room on the database's disk: docs/operating.md says what may go"));
}

void sqlite_trouble_over(void)
{
	if (atomic_load(&full) && atomic_exchange(&full, false) && !atomic_load(&hushed))
		log_event(LOG_INFO, "disk_has_room");
}

enum err sqlite_trouble_judge(int code, int system_error)
{
	const enum err e = sqlite_code_err(code);

	if (e == OK || e == ERR_BUSY || e == ERR_INTERNAL)
		return e;
	if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
		return ERR_CONFLICT;
	note(code, system_error);
	return e;
}

enum trouble sqlite_trouble_last(void)
{
	return (enum trouble)atomic_load(&last);
}

void sqlite_trouble_forget(void)
{
	atomic_store(&last, (int)TROUBLE_NONE);
}

const char *sqlite_trouble_sentence(enum trouble trouble)
{
	return sentences[trouble];
}

void sqlite_trouble_hush(void)
{
	atomic_store(&hushed, true);
}
