/* A PostgreSQL database as the source or the target of a copy (store/copy/copy_endpoint.h). */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/copy/copy_endpoint.h"

/* Opens the endpoint. In a target, creates the tables if there are none, and takes a lock that excludes a
 * second copy. Fails if the schema version differs from this program's, or if the source is an unfinished
 * copy. On failure `why` is a message for the operator, without the password. `arena` must outlive the
 * endpoint. */
enum err postgres_copy_endpoint_open(struct str url, enum copy_role use, struct arena *arena,
	struct copy_endpoint **out, struct str *why) must_use;
