/* What is known of the backups of a SQLite file (`kycd db backup`). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"

/* An older backup is a finding: docs/operating.md recommends one each night. */
#define BACKUP_OLD_AFTER hours(24)

struct backup_history {
	moment last_at;	    /* when the last successful backup was finished; 0: none is known */
	int64_t bytes, ms;  /* its size and duration; 0: not known */
	moment failed_at;   /* the last backup that failed; 0: none is known */
	struct str failure; /* why it failed, in one line */
};

static inline bool backup_is_old(const struct backup_history *history, moment now)
{
	return !moment_is_before(now, moment_add(history->last_at, BACKUP_OLD_AFTER));
}
/* Whether the last attempt to make a backup failed. */
static inline bool backup_has_failed(const struct backup_history *history)
{
	return moment_is_before(history->last_at, history->failed_at);
}
