/* The query of a URL (RFC 3986 section 3.4). Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* Returns the decoded value of the first well-formed parameter with this name. The value is empty if there is
 * none. `query` has no "?". */
struct str query_value(struct arena *a, struct str query, struct str name);
/* Writes the URL with `parameters` added to its query, before a fragment. `parameters` is encoded already. */
void query_add(struct buf *out, struct str url, struct str parameters);
