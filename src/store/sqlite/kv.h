/* A key-value store (port/kv_store.h) in its own SQLite file, for the sandbox. The file is locked exclusively
 * while it is open. Commits are kept when the process crashes; after a power failure the latest ones may be
 * missing, but the file is consistent. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"

/* Opens the file; creates it (mode 0600) and missing folders (0700). `version` is the version of the caller's
 * data format; a file with another version gives ERR_CONFLICT. ERR_BUSY: another process has the file open.
 * ERR_INPUT: another kind of file, or damaged. On failure `why` is a message in the arena. */
enum err sqlite_kv_open(struct str path, int64_t version, struct arena *arena, struct kv_store **out,
	struct str *why) must_use;
