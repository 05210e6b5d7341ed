/* Converts JSON to the form of Didit's event bodies (didit-api.md 8): keys sorted at all depths, no spaces,
 * and non-ASCII characters as \uxxxx. Everything else, such as the spelling of numbers, is unchanged. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Maximum nesting of objects and arrays. */
#define SORTED_DEPTH_MAX 32

/* Converts `json`, which must be well-formed, as the output of a json_writer is. Returns ERR_INPUT if it is
 * nested deeper than SORTED_DEPTH_MAX or the result does not fit into the arena. */
enum err json_sorted(struct arena *a, struct str json, struct str *out) must_use;
