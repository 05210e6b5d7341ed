/* A copy of a SQLite file that was tried before it gets its name: written beside it, brought to the disk,
 * restored into a scratch file, that one checked and compared with the moment that was copied. Others write
 * meanwhile. On failure nothing is left behind, and f->why says why. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "store/sqlite/file.h"
#include "store/sqlite/snapshot.h"

/* What the caller wants proven as well, of the restored copy; it may change that one. False: it told why
 * itself. */
typedef bool backup_proof(void *arg, const char *restored);

struct backup {
	int64_t schema, bytes;
	struct checksum checksum;
};

/* `to` is a path like f->path; mode 0600; it appears whole or not at all. `proof` may be NULL. ERR_CONFLICT:
 * `to` is there already; ERR_BUSY: another backup is being written to it, or f->cancel was asked to;
 * ERR_UPSTREAM: the proof failed, and `why` says nothing. */
enum err sqlite_backup(const struct sqlite_file *f, const char *to, backup_proof *proof, void *arg,
	struct backup *out) must_use;
/* Does `path` hold what `f` holds now? Bad and missing ones do not. */
bool sqlite_backup_holds(const struct sqlite_file *f, const char *path);
/* Beside the database stands when its last good backup was made: written, and read (0: not known). */
enum err sqlite_backup_record_time(const struct sqlite_file *f, moment when) must_use;
moment sqlite_backup_last_time(const struct sqlite_file *f);
