#include "text/json_tree.h"

#include <stdbool.h>
#include <string.h>

/* As text/json has it; what stands in a container counts. */
#define DEPTH_MAX 2048

struct reader {
	struct arena *arena;
	const char *p, *end;
	size_t depth;
};

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool next_is(const struct reader *r, char c)
{
	return r->p < r->end && *r->p == c;
}

static bool take(struct reader *r, char c)
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

static bool take_digits(struct reader *r)
{
	const char *const start = r->p;

	while (r->p < r->end && is_digit(*r->p))
		r->p++;
	return r->p > start;
}

static enum err read_number(struct reader *r, struct json_node *node)
{
	const char *const start = r->p;

	node->kind = NODE_INTEGER;
	(void)take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return ERR_INPUT;
	if (take(r, '.')) {
		node->kind = NODE_FLOAT;
		if (!take_digits(r))
			return ERR_INPUT;
	}
	if (take(r, 'e') || take(r, 'E')) {
		node->kind = NODE_FLOAT;
		if (!take(r, '+'))
			(void)take(r, '-');
		if (!take_digits(r))
			return ERR_INPUT;
	}
	node->value = (struct str){ start, (size_t)(r->p - start) };
	return OK;
}

static enum err read_word(struct reader *r, struct json_node *node)
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

static bool read_hex4(struct reader *r, unsigned *out)
{
	unsigned value = 0;

	if (r->end - r->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		const char c = *r->p++;
		const char small = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;

		if (!is_digit(c) && (small < 'a' || small > 'f'))
			return false;
		value = value * 16 + (unsigned)(is_digit(c) ? c - '0' : small - 'a' + 10);
	}
	*out = value;
	return true;
}

/* UTF-8 of what `\u` names. No half of a pair, no NUL: text/json knows neither. */
static bool decode_unicode(struct reader *r, char **out)
{
	char *to = *out;
	unsigned c, low;

	if (!read_hex4(r, &c) || c == 0 || (c >= 0xDC00 && c <= 0xDFFF))
		return false;
	if (c >= 0xD800 && c <= 0xDBFF) {
		if (!take(r, '\\') || !take(r, 'u') || !read_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
			return false;
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00); /* a pair is one */
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

static bool decode_escape(struct reader *r, char **out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";

	if (take(r, 'u'))
		return decode_unicode(r, out);
	const char *const at = r->p < r->end && *r->p ? strchr(letters, *r->p) : NULL;
	if (!at)
		return false;
	r->p++;
	*(*out)++ = meanings[at - letters];
	return true;
}

/* Behind the opening quote: where the closing one stands; NULL: nowhere. */
static const char *find_quote(const struct reader *r, bool *has_escapes)
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

static enum err read_text(struct reader *r, struct str *out)
{
	bool has_escapes;

	if (!take(r, '"'))
		return ERR_INPUT;
	const char *const quote = find_quote(r, &has_escapes);
	if (!quote)
		return ERR_INPUT;
	*out = (struct str){ r->p, (size_t)(quote - r->p) };
	if (has_escapes) {
		/* what is decoded is never longer */
		char *const start = arena_bytes(r->arena, out->n, 1), *to = start;

		if (!start)
			return ERR_INPUT;
		while (r->p < quote)
			if (!take(r, '\\'))
				*to++ = *r->p++;
			else if (!decode_escape(r, &to))
				return ERR_INPUT;
		*out = (struct str){ start, (size_t)(to - start) };
	}
	r->p = quote + 1;
	return OK;
}

static struct json_node *add_node(struct reader *r, struct json_node *parent)
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

static enum err read_key(struct reader *r, struct str *key)
{
	TRY(read_text(r, key));
	skip_blanks(r);
	if (!take(r, ':'))
		return ERR_INPUT;
	skip_blanks(r);
	return OK;
}

/* A value, or the opening of one: then `*at` is what the next ones belong to. */
static enum err read_value(struct reader *r, struct json_node **at)
{
	struct json_node *const node = add_node(r, *at);

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
	return next_is(r, '"') ? read_text(r, &node->value) : read_word(r, node);
}

static bool take_end(struct reader *r, const struct json_node *at)
{
	skip_blanks(r);
	return take(r, at->kind == NODE_ARRAY ? ']' : '}');
}

/* Behind a value, or an opening: closes what ends here. */
static void close_all(struct reader *r, struct json_node **at, const struct json_node *top)
{
	while (*at != top && take_end(r, *at)) {
		*at = (*at)->parent;
		r->depth--;
	}
}

enum err json_tree_read(struct arena *a, struct str text, struct json_node *top)
{
	struct reader r = { .arena = a, .p = text.p, .end = text.p + text.n };
	struct json_node *at = top;

	*top = (struct json_node){ .kind = NODE_ARRAY };
	if (!str_is_utf8(text))
		return ERR_INPUT;
	do {
		TRY(read_value(&r, &at));
		close_all(&r, &at, top);
		if (at != top && at->n > 0 && !take(&r, ','))
			return ERR_INPUT;
	} while (at != top);
	skip_blanks(&r);
	return r.p == r.end ? OK : ERR_INPUT;
}
