/* A SQLite file as one end of a copy. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy_end.h"

/* The caller holds the file (store/sqlite_hold). A target that is missing is made, one without tables gets
 * them. A schema other than this program's is refused, and so is half a copy as a source. On failure `why` is
 * a sentence for the operator. All in `arena`, which outlives the end. */
enum err sqlite_end_open(struct str path, enum end_use use, struct arena *arena, struct copy_end **out,
	struct str *why) must_use;
