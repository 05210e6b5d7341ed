/* A SQLite file as one end of a copy. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy/copy_endpoint.h"

/* The caller holds the file (store/sqlite/instance_lock). A target that is missing is made, one without
 * tables gets them. A schema other than this program's is refused, and so is half a copy as a source. On
 * failure `why` is a sentence for the operator. All in `arena`, which outlives the end. */
enum err sqlite_copy_endpoint_open(struct str path, enum copy_role use, struct arena *arena,
	struct copy_endpoint **out, struct str *why) must_use;
