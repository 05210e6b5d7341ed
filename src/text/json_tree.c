#include "text/json_tree.h"

#include <stdbool.h>
#include <string.h>

/* Maximum number of arrays and objects that are open at the same time. The limit is the same as in
 * text/json. */
#define DEPTH_MAX 2048

struct tree_reader {
	struct arena *arena;
	const char *p, *end;
	size_t depth;
};

static void skip_blanks(struct tree_reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool next_is(const struct tree_reader *r, char c)
{
	return r->p < r->end && *r->p == c;
}

static bool take_char(struct tree_reader *r, char c)
{
	if (!next_is(r, c))
		return false;
	r->p++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool take_digits(struct tree_reader *r)
{
	const char *const start = r->p;

	while (r->p < r->end && is_digit(*r->p))
		r->p++;
	return r->p > start;
}

static enum err read_number(struct tree_reader *r, struct json_node *node)
{
	const char *const start = r->p;

	node->kind = NODE_INTEGER;
	(void)take_char(r, '-');
	if (!take_char(r, '0') && !take_digits(r))
		return ERR_INPUT;
	if (take_char(r, '.')) {
		node->kind = NODE_FLOAT;
		if (!take_digits(r))
			return ERR_INPUT;
	}
	if (take_char(r, 'e') || take_char(r, 'E')) {
		node->kind = NODE_FLOAT;
		if (!take_char(r, '+'))
			(void)take_char(r, '-');
		if (!take_digits(r))
			return ERR_INPUT;
	}
	node->value = (struct str){ start, (size_t)(r->p - start) };
	return OK;
}

static enum err read_literal_or_number(struct tree_reader *r, struct json_node *node)
{
	static const struct str words[] = { STR_INIT("true"), STR_INIT("false"), STR_INIT("null") };
	const struct str rest = { r->p, (size_t)(r->end - r->p) };

	for (size_t i = 0; i < array_len(words); i++) {
		if (!str_starts(rest, words[i]))
			continue;
		r->p += words[i].n;
		node->kind = NODE_LITERAL;
		node->value = words[i];
		return OK;
	}
	return read_number(r, node);
}

static bool read_hex4(struct tree_reader *r, unsigned *out)
{
	unsigned value = 0;

	if (r->end - r->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const char c = *r->p++;
		const char lower = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;

		if (!is_digit(c) && (lower < 'a' || lower > 'f'))
			return false;
		value = value * 16 + (unsigned)(is_digit(c) ? c - '0' : lower - 'a' + 10);
	}
	*out = value;
	return true;
}

/* Writes the UTF-8 of the character after `\u`. Rejects lone surrogates and NUL, as text/json does. */
static bool decode_unicode_escape(struct tree_reader *r, char **out)
{
	char *to = *out;
	unsigned c, low;

	if (!read_hex4(r, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
		return false;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!take_char(r, '\\') || !take_char(r, 'u') || !read_hex4(r, &low) || low < 0xDC00 ||
			low > 0xDFFF)
			return false;
		c = 0x10000 + ((c - 0xD800) << 10) +
		    (low - 0xDC00); /* a surrogate pair encodes one character */
		*to++ = (char)(0xF0 | (c >> 18));
		*to++ = (char)(0x80 | ((c >> 12) & 0x3F));
	} else if (c >= 0x800) {
		*to++ = (char)(0xE0 | (c >> 12));
	}
	if (c >= 0x800)
		*to++ = (char)(0x80 | ((c >> 6) & 0x3F));
	else if (c >= 0x80)
		*to++ = (char)(0xC0 | (c >> 6));
	*to++ = (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c);
	*out = to;
	return true;
}

static bool decode_escape(struct tree_reader *r, char **out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";

	if (take_char(r, 'u'))
		return decode_unicode_escape(r, out);
	const char *const at = r->p < r->end && *r->p ? strchr(letters, *r->p) : NULL;
	if (!at)
		return false;
	r->p++;
	*(*out)++ = meanings[at - letters];
	return true;
}

/* Returns the position of the closing quote; NULL if there is none or the string contains a control
 * character. The reader is positioned after the opening quote. */
static const char *find_closing_quote(const struct tree_reader *r, bool *has_escapes)
{
	*has_escapes = false;
	for (const char *p = r->p; p < r->end; p++) {
		if (*p == '"')
			return p;
		if ((unsigned char)*p < ' ')
			return NULL;
		if (*p != '\\')
			continue;
		*has_escapes = true;
		if (++p == r->end)
			break;
	}
	return NULL;
}

static enum err read_text(struct tree_reader *r, struct str *out)
{
	bool has_escapes;

	if (!take_char(r, '"'))
		return ERR_INPUT;
	const char *const quote = find_closing_quote(r, &has_escapes);
	if (!quote)
		return ERR_INPUT;
	*out = (struct str){ r->p, (size_t)(quote - r->p) };
	if (has_escapes) {
		/* The decoded text is never longer than the escaped one. */
		char *const start = arena_bytes(r->arena, out->n, 1), *to = start;

		if (!start)
			return ERR_INPUT;
		while (r->p < quote)
			if (!take_char(r, '\\'))
				*to++ = *r->p++;
			else if (!decode_escape(r, &to))
				return ERR_INPUT;
		*out = (struct str){ start, (size_t)(to - start) };
	}
	r->p = quote + 1;
	return OK;
}

static struct json_node *tree_add_node(struct tree_reader *r, struct json_node *parent)
{
	struct json_node *const node = arena_new(r->arena, struct json_node);

	if (!node)
		return NULL;
	node->parent = parent;
	node->position = parent->n++;
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static enum err read_key(struct tree_reader *r, struct str *key)
{
	TRY(read_text(r, key));
	skip_blanks(r);
	if (!take_char(r, ':'))
		return ERR_INPUT;
	skip_blanks(r);
	return OK;
}

/* Reads a text, number or literal, or the opening bracket of an array or object. After an opening bracket,
 * `*at` is the new container, to which the next values belong. */
static enum err read_value(struct tree_reader *r, struct json_node **at)
{
	struct json_node *const node = tree_add_node(r, *at);

	if (!node || r->depth >= DEPTH_MAX)
		return ERR_INPUT;
	skip_blanks(r);
	if ((*at)->kind == NODE_OBJECT)
		TRY(read_key(r, &node->key));
	if (next_is(r, '[') || next_is(r, '{')) {
		node->kind = *r->p++ == '[' ? NODE_ARRAY : NODE_OBJECT;
		r->depth++;
		*at = node;
		return OK;
	}
	node->kind = NODE_TEXT;
	return next_is(r, '"') ? read_text(r, &node->value) : read_literal_or_number(r, node);
}

static bool take_end(struct tree_reader *r, const struct json_node *at)
{
	skip_blanks(r);
	return take_char(r, at->kind == NODE_ARRAY ? ']' : '}');
}

/* Called after a value or an opening bracket. Reads the closing brackets that follow and moves `*at` to the
 * container that is still open. */
static void close_ended_containers(struct tree_reader *r, struct json_node **at, const struct json_node *top)
{
	while (*at != top && take_end(r, *at)) {
		*at = (*at)->parent;
		r->depth--;
	}
}

enum err json_tree_read(struct arena *a, struct str text, struct json_node *top)
{
	struct tree_reader r = { .arena = a, .p = text.p, .end = text.p + text.n };
	struct json_node *at = top;

	*top = (struct json_node){ .kind = NODE_ARRAY };
	if (!str_is_utf8(text))
		return ERR_INPUT;
	do {
		TRY(read_value(&r, &at));
		close_ended_containers(&r, &at, top);
		if (at != top && at->n > 0 && !take_char(&r, ','))
			return ERR_INPUT;
	} while (at != top);
	skip_blanks(&r);
	return r.p == r.end ? OK : ERR_INPUT;
}
