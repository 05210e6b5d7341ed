/* A SQLite file as the source or the target of a copy (store/copy/copy_endpoint.h). */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy/copy_endpoint.h"

/* The caller must own the instance lock of the file (store/sqlite/instance_lock.h). A target file is created
 * if it is missing, and its tables too. Fails if the schema is not the one of this program, or if the source
 * is an unfinished copy. On failure `why` is a message for the operator. `arena` must stay valid until the
 * endpoint is closed. */
enum err sqlite_copy_endpoint_open(struct str path, enum copy_role role, struct arena *arena,
	struct copy_endpoint **out, struct str *why) must_use;
