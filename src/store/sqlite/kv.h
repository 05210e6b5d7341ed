/* A shelf (port/template_reader.h) in a SQLite file of its own, which no other program has meanwhile. A
 * commit outlives the program; the last ones before a power cut may be lost, the file is whole all the same.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"

/* Makes the file (0600) and missing folders (0700). `version` is that of what the owner writes: a file of
 * another one is refused, ERR_CONFLICT; ERR_BUSY: another program has it; ERR_INPUT: no shelf, or damaged.
 * Then `why` is a sentence for the operator, in the arena. */
enum err sqlite_kv_open(struct str path, int64_t version, struct arena *arena, struct kv_store **out,
	struct str *why) must_use;
