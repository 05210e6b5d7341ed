/* Records how backups ended, in two small files beside the database: DATABASE.last-backup (time, bytes and
 * milliseconds of the last successful one; files of earlier versions have the time only) and
 * DATABASE.failed-backup (time and reason of the last one that failed). A backup only reads the database, so
 * its end is not a row of it. */
#pragma once

#include "base/err.h"
#include "domain/backup.h"
#include "store/sqlite/file.h"

enum err sqlite_backup_record_success(
	const struct sqlite_file *f, moment at, int64_t bytes, int64_t ms) must_use;
enum err sqlite_backup_record_failure(const struct sqlite_file *f, moment at, struct str reason) must_use;
/* Reads both files. What cannot be read counts as not known. The text lives in f->arena. */
void sqlite_backup_history(const struct sqlite_file *f, struct backup_history *out);
