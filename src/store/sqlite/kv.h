/* A key-value store (port/kv_store.h) in its own SQLite file, for the sandbox. The file is locked exclusively
 * while it is open. Commits are kept when the process crashes; after a power failure the latest ones may be
 * missing, but the file is consistent. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"

/* Opens the file. Creates it (mode 0600) and missing folders (0700). `version` is the version of the caller's
 * data format. Returns ERR_CONFLICT if the file has another version, ERR_BUSY if another process has it open,
 * and ERR_INPUT if it is damaged or of another kind. On failure `why` is a message in the arena. */
enum err sqlite_kv_open(struct str path, int64_t version, struct arena *arena, struct kv_store **out,
	struct str *why) must_use;
