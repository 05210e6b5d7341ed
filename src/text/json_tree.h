/* JSON parsed to a tree that keeps numbers as they were written, for code that needs their spelling. Rejects
 * the same input as text/json, except for duplicate keys and numbers out of range, which are accepted. Not
 * recursive: a deeply nested document uses memory of the arena, not of the stack. Thread-safe. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_node_kind { NODE_LITERAL, NODE_INTEGER, NODE_FLOAT, NODE_TEXT, NODE_ARRAY, NODE_OBJECT };

struct json_node {
	enum json_node_kind kind;
	size_t position; /* index among the children of its parent, in the order of the input */
	size_t n;	 /* number of children */
	struct str key;	 /* decoded; only for members of an object */
	/* A text is decoded; a literal or number is as in the input. The slice points into the input or the
	 * arena. */
	struct str value;
	struct json_node *parent, *first, *last, *next;
};

/* Sets `top` to an array whose only element is the document's value. ERR_INPUT: invalid JSON, or the arena is
 * full. */
enum err json_tree_read(struct arena *a, struct str text, struct json_node *top) must_use;
