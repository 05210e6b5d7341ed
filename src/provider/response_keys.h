/* The keys of all members that kycd reads from Didit's responses. Everything else is removed from a response
 * while it is received (text/json_prune), because a decision can have several MiB, nearly all of it watchlist
 * matches and images that kycd does not use. A key that is missing here reads as absent. */
#pragma once

#include <stddef.h>

#include "base/str.h"

extern const struct str response_keys[];
extern const size_t response_keys_count;
