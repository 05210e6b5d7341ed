#include "text/json_canonical.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"
#include "text/json.h"
#include "text/json_tree.h"

/* Returns whether a float is a whole number. Avoids libm's floor(), so that the program need not link libm.
 */
static bool is_whole(double value)
{
	static const double integers_only_from =
		9007199254740992.0; /* 2^53: all doubles from here on are whole numbers */

	return value >= integers_only_from || value <= -integers_only_from || (double)(int64_t)value == value;
}

/* Writes a float that is a whole number without point and exponent. Writes any other float as it was in the
 * input. */
static void put_float(struct buf *out, struct str text)
{
	const struct str copy = arena_copy(out->arena, text);
	const double value = copy.p ? strtod(copy.p, NULL) : INFINITY;

	if (!isfinite(value))
		out->failed = true;
	else if (value == 0)
		buf_char(out, '0'); /* also for -0.0 */
	else if (is_whole(value))
		buf_printf(out, "%.0f", value);
	else
		buf_add(out, text);
}

struct member {
	struct json_node *node;
};

static int compare_members(const void *left, const void *right)
{
	const struct json_node *const a = ((const struct member *)left)->node;
	const struct json_node *const b = ((const struct member *)right)->node;
	const int comparison = str_cmp(a->key, b->key);

	return comparison != 0 ? comparison : (a->position > b->position) - (a->position < b->position);
}

/* Sorts the members by key. Of members with the same key, keeps only the last. Comparing UTF-8 byte by byte
 * gives the order of the code points. */
static enum err sort_members(struct arena *a, struct json_node *object)
{
	struct member *const members = arena_array(a, struct member, object->n);
	struct json_node **link = &object->first;
	size_t n = 0;

	if (!members)
		return ERR_INPUT;
	for (struct json_node *child = object->first; child; child = child->next)
		members[n++].node = child;
	qsort(members, n, sizeof(members[0]), compare_members);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_eq(members[i].node->key, members[i + 1].node->key))
			continue;
		*link = members[i].node;
		link = &members[i].node->next;
	}
	*link = NULL;
	return OK;
}

static void put_text(struct buf *out, struct str text)
{
	struct json_writer w;

	json_writer_init(&w, out);
	json_put_text(&w, text);
}

static void put_start(struct buf *out, const struct json_node *node)
{
	if (node->parent->kind == NODE_OBJECT) {
		put_text(out, node->key);
		buf_char(out, ':');
	}
	switch (node->kind) {
	case NODE_INTEGER:
		buf_add(out, str_eq(node->value, STR("-0")) ? STR("0") : node->value);
		break;
	case NODE_FLOAT:
		put_float(out, node->value);
		break;
	case NODE_TEXT:
		put_text(out, node->value);
		break;
	case NODE_ARRAY:
		buf_char(out, '[');
		break;
	case NODE_OBJECT:
		buf_char(out, '{');
		break;
	case NODE_LITERAL:
		buf_add(out, node->value);
		break;
	}
}

static void put_end(struct buf *out, const struct json_node *node)
{
	if (node->kind == NODE_ARRAY || node->kind == NODE_OBJECT)
		buf_char(out, node->kind == NODE_ARRAY ? ']' : '}');
}

/* Writes the closing brackets of `node` and of each ancestor that has no further children. Returns the next
 * node to write, or `top` at the end of the document. */
static struct json_node *put_ends_and_advance(struct buf *out, struct json_node *node, struct json_node *top)
{
	put_end(out, node);
	while (!node->next) {
		node = node->parent;
		if (node == top)
			return top;
		put_end(out, node);
	}
	buf_char(out, ',');
	return node->next;
}

static enum err put_document(struct buf *out, struct json_node *top)
{
	struct json_node *node = top->first;

	while (node != top && !out->failed) {
		put_start(out, node);
		if (node->kind == NODE_OBJECT && node->n > 1)
			TRY(sort_members(out->arena, node));
		node = node->first ? node->first : put_ends_and_advance(out, node, top);
	}
	return OK;
}

enum err json_canonicalise_tree(struct arena *a, struct json_node *top, struct str *out)
{
	struct buf buf;

	buf_init(&buf, a);
	TRY(put_document(&buf, top));
	return buf_done(&buf, out);
}

enum err json_canonicalise(struct arena *a, struct str text, struct str *out)
{
	struct json_node top;

	TRY(json_tree_read(a, text, &top));
	return json_canonicalise_tree(a, &top, out);
}
