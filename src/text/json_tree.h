/* JSON as a tree of the pieces that were written: for who must know what a number looked like. Refuses what
 * text/json refuses, but for repeated keys and the range of numbers. No function calls itself: a deep
 * document takes memory of the arena, never of the stack. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_node_kind { NODE_LITERAL, NODE_INTEGER, NODE_FLOAT, NODE_TEXT, NODE_ARRAY, NODE_OBJECT };

struct json_node {
	enum json_node_kind kind;
	size_t position; /* among its siblings, as written */
	size_t n;	 /* children */
	struct str key;	 /* decoded; of what stands in an object */
	struct str
		value; /* a text decoded, a word or number as it was written; within the text or the arena */
	struct json_node *parent, *first, *last, *next;
};

/* `top` becomes an array of the one value. ERR_INPUT: no JSON, or too much for the arena. */
enum err json_tree_read(struct arena *a, struct str text, struct json_node *top) must_use;
