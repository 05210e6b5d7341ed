/* Canonical form of JSON, as Didit signs it (didit-api.md 8): keys sorted by code point at all depths, no
 * white space, texts escaped only where JSON requires it, whole floats as integers, all other numbers as in
 * the input. It works on the raw bytes because the spelling of a number is part of what is signed.
 * Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* If a key is duplicated, the last value is used. A whole float becomes the exact integer value of its
 * double; "-0" becomes 0. ERR_INPUT: the arena is full, or text/json would reject the input (duplicate keys
 * and integers beyond 64 bits are accepted, though). Needs about 100 bytes of the arena for each value and
 * key. */
enum err json_canonicalise(struct arena *a, struct str text, struct str *out) must_use;
/* Like json_canonicalise, for a tree from json_tree_read. Changes the tree: sorts members and removes
 * duplicate keys. */
struct json_node;
enum err json_canonicalise_tree(struct arena *a, struct json_node *top, struct str *out) must_use;
