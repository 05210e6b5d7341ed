/* A store in a SQLite file, and what an operator does with the file itself. On failure `why` is a sentence
 * for the operator, in `arena`; else it is untouched. ERR_NOT_FOUND: no such database; ERR_INPUT: not a
 * database of ours; ERR_CONFLICT: its schema is older (migrate) or newer than this program's; ERR_BUSY:
 * another process has it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/store.h"
#include "store/sqlite/backup.h"

struct sqlite_conf {
	struct str path;
	bool create;	/* a missing one is made: its folder 0700, the file 0600 */
	bool migrate;	/* an older one is brought forward, after a copy was laid aside and checked */
	bool throwaway; /* with migrate: without that copy, because it is one itself */
	size_t readers; /* connections for reading, at most; 0: 32 */
	size_t queue;	/* jobs that may wait to be written; 0: 1,024 */
	int64_t (*micros)(void); /* monotonic microseconds: deadlines and meters */
};

enum err sqlite_store_open(
	const struct sqlite_conf *conf, struct arena *arena, struct store **out, struct str *why) must_use;
/* Makes it when it is missing. The copy of an older one stays beside it (store/sqlite/upgrade.h); that one
 * can be given up (NULL: never), the steps after it cannot. */
enum err sqlite_store_migrate(
	struct str path, const struct cancel_token *cancel, struct arena *arena, struct str *why) must_use;
/* 0: there is a file, and it is empty. */
enum err sqlite_store_version(
	struct str path, struct arena *arena, int64_t *version, struct str *why) must_use;
/* Is the file whole, and do its rows fit together? ERR_STORAGE: no. */
enum err sqlite_store_check(struct str path, struct arena *arena, struct str *why) must_use;
struct sqlite_facts {
	int64_t schema, bytes, pages_free;
	moment last_backup; /* 0: not known */
};
enum err sqlite_store_facts(
	struct str path, struct arena *arena, struct sqlite_facts *out, struct str *why) must_use;
/* A copy of `path` in `to`, as store/sqlite/backup.h has it; `path` may be older than this program, never
 * newer. */
struct backup_params {
	struct str path, to;
	backup_proof *proof;
	void *arg;
	struct cancel_token cancel;
};
enum err sqlite_store_backup(const struct backup_params *params, struct arena *arena, struct backup *out,
	struct str *why) must_use;
enum err sqlite_store_record_backup(struct str path, struct arena *arena, moment when) must_use;
/* Carries the log over into the file as far as that goes at once, beside a store that is in use. */
void sqlite_store_checkpoint(struct str path, struct arena *arena);
/* Empties the log beside the file, in which old pages still hold what was removed. Waits for readers, 5 s at
 * most: ERR_BUSY. */
enum err sqlite_store_truncate_wal(struct str path, struct arena *arena, struct str *why) must_use;
/* The newest schema that this program knows. */
int64_t sqlite_store_schema_version(void);
