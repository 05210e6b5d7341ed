/* A PostgreSQL database as one end of a copy. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy/copy_endpoint.h"

/* A target without tables gets them, and is locked against a second copy. A schema other than this program's
 * is refused, and so is half a copy as a source. On failure `why` is a sentence for the operator, without the
 * password. All in `arena`, which outlives the end. */
enum err postgres_copy_endpoint_open(struct str url, enum copy_role use, struct arena *arena,
	struct copy_endpoint **out, struct str *why) must_use;
