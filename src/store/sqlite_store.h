/* A store in a SQLite file, and what an operator does with the file itself. On failure `why` is a sentence
 * for the operator, in `arena`; else it is untouched. ERR_MISSING: no such database; ERR_INPUT: not a
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

struct sqlite_conf {
	struct str path;
	bool create;	/* a missing one is made: its folder 0700, the file 0600 */
	bool migrate;	/* an older one is brought forward, after a copy was laid aside and checked */
	size_t readers; /* connections for reading, at most; 0: 32 */
	size_t queue;	/* jobs that may wait to be written; 0: 1,024 */
	int64_t (*micros)(void); /* monotonic microseconds: deadlines and meters */
};

enum err sqlite_store_open(
	const struct sqlite_conf *conf, struct arena *arena, struct store **out, struct str *why) must_use;
/* Makes it when it is missing. The copy of an older one stays beside it: "kycd.db.schema-1". */
enum err sqlite_store_migrate(struct str path, struct arena *arena, struct str *why) must_use;
/* 0: there is a file, and it is empty. */
enum err sqlite_store_version(
	struct str path, struct arena *arena, int64_t *version, struct str *why) must_use;
/* Is the file whole, and do its rows fit together? ERR_STORAGE: no. */
enum err sqlite_store_check(struct str path, struct arena *arena, struct str *why) must_use;
/* The newest schema that this program knows. */
int64_t sqlite_store_newest(void);
