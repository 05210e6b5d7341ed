/* JSON as Didit builds the bodies of its events (didit-api.md 8): keys sorted at all depths, no spaces,
 * non-ASCII as \uxxxx. Everything else stays as it was written. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Objects and arrays inside one another. */
#define SORTED_DEPTH_MAX 32

/* `json` must be well-formed (it is our own writer's). ERR_INPUT: deeper than SORTED_DEPTH_MAX, or too large.
 */
enum err json_sorted(struct arena *a, struct str json, struct str *out) must_use;
