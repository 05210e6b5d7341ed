/* Converts JSON to the form in which Didit sends event bodies (didit-api.md 8): keys sorted at all depths, no
 * spaces, non-ASCII characters as \uxxxx. Everything else, such as the spelling of numbers, is unchanged. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Maximum nesting of objects and arrays. */
#define SORTED_DEPTH_MAX 32

/* `json` must be well-formed: the caller passes the output of a json_writer. ERR_INPUT: it is nested deeper
 * than SORTED_DEPTH_MAX, or the result does not fit into the arena. */
enum err json_sorted(struct arena *a, struct str json, struct str *out) must_use;
