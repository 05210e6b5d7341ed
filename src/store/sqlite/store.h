/* Opens the store in a SQLite file, and does the work of the `kycd db` commands on that file.
 *
 * On failure `why` is set to a message for the operator, in `arena`; otherwise it is unchanged. The functions
 * return ERR_NOT_FOUND if there is no such database, ERR_INPUT if the file is no kycd database, ERR_CONFLICT
 * if its schema is newer than that of this program or older (then it must be migrated), ERR_BUSY if another
 * process has locked it, and ERR_STORAGE after any other failure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/backup.h"
#include "port/store.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/creation.h"

struct sqlite_conf {
	struct str path;
	/* Whether a missing database is created: folders with mode 0700, the file with 0600. */
	enum creation creation;
	bool migrate; /* migrates an older database after a verified backup of it was made */
	/* With `migrate`, makes no backup, because the database is itself only a copy. */
	bool throwaway;
	size_t readers; /* maximum number of connections for reading; 0 means READERS_MAX (32) */
	/* Maximum number of waiting writing transactions; 0 means WRITER_QUEUE_MAX (1,024). */
	size_t queue;
	int64_t (*micros)(void); /* monotonic clock in microseconds, for deadlines and metrics */
};

enum err sqlite_store_open(
	const struct sqlite_conf *conf, struct arena *arena, struct store **out, struct str *why) must_use;
/* Creates a missing database if `creation` permits it, and migrates an older one, whose backup stays beside
 * it (store/sqlite/upgrade.h). `cancel` cancels the backup, but not the migrations after it; it may be
 * NULL. */
enum err sqlite_store_migrate(struct str path, enum creation creation, const struct cancel_token *cancel,
	struct arena *arena, struct str *why) must_use;
/* Returns whether this program has created the database at some time, although the file may be missing
 * now. */
bool sqlite_store_was_created(struct str path, struct arena *arena);
/* Returns the schema version, which is 0 for an empty file. */
enum err sqlite_store_version(
	struct str path, struct arena *arena, int64_t *version, struct str *why) must_use;
/* Checks the pages and indexes of the file, and that every row to which another row refers exists. Returns
 * ERR_STORAGE if the database is damaged. */
enum err sqlite_store_check(struct str path, struct arena *arena, struct str *why) must_use;
struct sqlite_facts {
	int64_t schema, bytes, pages_free;
	struct backup_history backups;
};
enum err sqlite_store_facts(
	struct str path, struct arena *arena, struct sqlite_facts *out, struct str *why) must_use;
/* Makes a verified backup of `path` in the file `to` (store/sqlite/backup.h). The schema of `path` may be
 * older than that of this program, but not newer. */
struct backup_params {
	struct str path, to;
	backup_proof *proof; /* may be NULL */
	void *arg;	     /* of `proof` */
	struct cancel_token cancel;
};
enum err sqlite_store_backup(const struct backup_params *params, struct arena *arena, struct backup *out,
	struct str *why) must_use;
/* Records that a backup of `path` was finished, or that it failed (store/sqlite/backup_record.h). */
enum err sqlite_store_record_backup(
	struct str path, struct arena *arena, moment at, const struct backup *backup, int64_t ms) must_use;
enum err sqlite_store_record_failed_backup(
	struct str path, struct arena *arena, moment at, struct str reason) must_use;
/* Reads what was recorded. The texts live in the arena. */
void sqlite_store_backups(struct str path, struct arena *arena, struct backup_history *out);
/* Copies as much of the WAL into the file as is possible without a long wait. The store may be in use. Does
 * nothing if its files were removed or replaced. */
void sqlite_store_checkpoint(struct str path, struct arena *arena);
/* Empties the WAL, because old pages in it still contain deleted content. Waits at most 5 s for readers, then
 * returns ERR_BUSY. */
enum err sqlite_store_truncate_wal(struct str path, struct arena *arena, struct str *why) must_use;
/* Returns the schema version of this program. */
int64_t sqlite_store_schema_version(void);
