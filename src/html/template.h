/* Renders the HTML templates of src/web/. tools/embed_templates.py compiles each template at build time into
 * a table of operations; it documents the syntax. A template has no logic beyond `if`, `each` and `include`.
 *
 * The values of a template are a C struct that a table of struct template_value describes. Every value is
 * escaped for the place where it stands: text, an attribute, or a URL. Only MARKUP_VALUE is inserted as it
 * is.
 *
 * Thread-safe; all memory is in the arena of the output. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"

enum template_value_kind {
	TEMPLATE_TEXT, /* struct str */
	TEMPLATE_NAME, /* struct str, a name or an address in any script; in text it is put into <bdi>, which
			  isolates its writing direction */
	TEMPLATE_MARKUP,  /* struct str, trusted markup; not in attributes */
	TEMPLATE_COLOUR,  /* struct str, a colour of CSS: rgb(0,82,204); only in styles */
	TEMPLATE_FLAG,	  /* bool, for {{#if}} */
	TEMPLATE_MESSAGE, /* enum message_id, shown in the page's language; MESSAGE_NONE: no message */
	TEMPLATE_LIST,	  /* struct template_list, for {{#each}} */
};

/* The items of a list: an array of structs that the list's table describes. */
struct template_list {
	const void *items;
	size_t n;
};

struct template_table {
	const struct template_value *values;
	size_t n;
	size_t size; /* of the struct, in bytes */
};

struct template_value {
	const char *name;
	enum template_value_kind kind;
	size_t offset;
	const struct template_table *items; /* of a TEMPLATE_LIST */
};

/* Rows of a table. A member of the wrong type does not compile. */
#define TEMPLATE_OFFSET(type, member, expected)                                                              \
	(offsetof(type, member) +                                                                            \
		0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((type *)0)->member), expected)      \
					? 1                                                                  \
					: -1]))
/* clang-format off */
#define TEXT_VALUE(type, member) { #member, TEMPLATE_TEXT, TEMPLATE_OFFSET(type, member, struct str), NULL }
#define NAME_VALUE(type, member) { #member, TEMPLATE_NAME, TEMPLATE_OFFSET(type, member, struct str), NULL }
#define MARKUP_VALUE(type, member) { #member, TEMPLATE_MARKUP, TEMPLATE_OFFSET(type, member, struct str), NULL }
#define COLOUR_VALUE(type, member) { #member, TEMPLATE_COLOUR, TEMPLATE_OFFSET(type, member, struct str), NULL }
#define FLAG_VALUE(type, member) { #member, TEMPLATE_FLAG, TEMPLATE_OFFSET(type, member, bool), NULL }
#define MESSAGE_VALUE(type, member) { #member, TEMPLATE_MESSAGE, TEMPLATE_OFFSET(type, member, enum message_id), NULL }
#define LIST_VALUE(type, member, table) { #member, TEMPLATE_LIST, TEMPLATE_OFFSET(type, member, struct template_list), (table) }
/* The table of a struct: TEMPLATE_TABLE(struct thanks, thanks_values). */
#define TEMPLATE_TABLE(type, rows) { (rows), sizeof(rows) / sizeof((rows)[0]), sizeof(type) }
/* clang-format on */

enum template_op_kind {
	TEMPLATE_OP_MARKUP,  /* writes `text` */
	TEMPLATE_OP_VALUE,   /* writes the value with the name `text` */
	TEMPLATE_OP_MESSAGE, /* writes `message`, whose {placeholders} are values */
	TEMPLATE_OP_IF,	     /* continues at `next` if the value `text` is empty, false, 0 or MESSAGE_NONE */
	TEMPLATE_OP_JUMP,    /* continues at `next` */
	TEMPLATE_OP_EACH,    /* runs the operations up to `next` for each item of the list `text` */
};

/* Where an operation writes. */
enum template_place {
	TEMPLATE_IN_TEXT,
	TEMPLATE_IN_ATTRIBUTE, /* also in <title> and <textarea>, which contain no elements */
	TEMPLATE_IN_URL, /* at the start of an attribute with a URL: a value is a whole URL, or its start */
	TEMPLATE_IN_URL_PART, /* after the start: a value is percent-encoded */
	TEMPLATE_IN_STYLE,    /* in <style> or an attribute `style`: only colours */
};

struct template_op {
	enum template_op_kind kind;
	enum template_place place;
	enum message_id message;
	size_t next;
	struct str text;
};

struct template
{
	const char *path; /* below src/web/, without ".html" */
	const struct template_op *ops;
	size_t n;
};

/* Declares the template of a file: DECLARE_TEMPLATE(return_thanks) is that of src/web/return/thanks.html. */
#define DECLARE_TEMPLATE(name) extern const struct template template_##name

/* The values by which names in a template are found: first in `table`, then in the outer scopes. */
struct template_scope {
	const struct template_table *table;
	const void *values; /* the struct */
	const struct template_scope *outer;
};

/* Appends the rendered template to `out`. If a name has no value in `scope`, or a value of the wrong kind,
 * `out` fails, so that buf_done returns an error. */
void template_render(struct buf *out, const struct template *template, enum language language,
	const struct template_scope *scope);
