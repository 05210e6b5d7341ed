/* JSON in its canonical form, as Didit signs it (didit-api.md 8): keys sorted by code point at all depths, no
 * blanks, texts escaped no more than JSON demands, whole floats as integers, any other number as it was
 * written. Made from the raw bytes: what a number looked like is part of what was signed. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Of a key that stands twice the last counts. Refused, as ERR_INPUT, is what text/json refuses (repeated keys
 * and integers beyond 64 bits aside), and what does not fit into the arena, which takes some 100 bytes for
 * each value and key. A whole float becomes the integer that a double of it is, to the last digit; "-0" is 0.
 */
enum err json_canonicalise(struct arena *a, struct str text, struct str *out) must_use;
/* Of a tree that json_tree_read made; its members are sorted afterwards, each key once. */
struct json_node;
enum err json_canonicalise_tree(struct arena *a, struct json_node *top, struct str *out) must_use;
