/* The keys of all members that kycd reads from Didit's responses. All other members are removed from a
 * response while it is received (text/json_prune), because a decision can have several MiB, nearly all of it
 * watchlist matches and images that kycd does not use. A member whose key is missing in this list is read as
 * absent. */
#pragma once

#include <stddef.h>

#include "base/str.h"

extern const struct str response_keys[];
extern const size_t response_keys_count;
