/* Makes verified backups of a SQLite file while other processes write to it. The copy is written to a
 * temporary file beside its final name and flushed to the disk. It is then restored into a scratch file,
 * which is checked and compared with the snapshot that was copied. Only then is the copy renamed to its final
 * name. On failure all these files are removed, and f->reason is set to a message for the operator. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sqlite/file.h"
#include "store/sqlite/snapshot.h"

/* Makes a further check on the restored copy, the file `restored`, which it may change. Returns false if the
 * copy is bad; the caller of sqlite_backup then reports the reason. */
typedef bool backup_proof(void *arg, const char *restored);

struct backup {
	int64_t schema, bytes; /* schema version of the copy, and its size in bytes */
	struct checksum checksum;
};

/* Writes the backup to `to`, a path in the form of f->path, with mode 0600. `proof` may be NULL. Returns
 * ERR_CONFLICT if `to` exists. ERR_BUSY means that another backup to `to` is running, or that f->cancel was
 * requested. ERR_UPSTREAM means that `proof` returned false; no message is set then. */
enum err sqlite_backup(const struct sqlite_file *f, const char *to, backup_proof *proof, void *arg,
	struct backup *out) must_use;
/* Returns whether the backup `path` has the same content as the database now. Also returns false if it cannot
 * be read. */
bool sqlite_backup_matches(const struct sqlite_file *f, const char *path);
