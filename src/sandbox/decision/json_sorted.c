#include "sandbox/decision/json_sorted.h"

#include <stdlib.h>

#include "base/buf.h"

struct member {
	struct str key, value; /* as in the input; `key` includes its quotes */
};

static void put_sorted_value(struct buf *out, struct str value, int depth);

/* Returns the length in bytes of the JSON string at the start of `s`, including its quotes. */
static size_t quoted_length(struct str s)
{
	size_t i = 1;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str skip_spaces(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_from(s, 1);
	return s;
}

/* Returns the length in bytes of the value at the start of `s`. The value ends before a comma or a closing
 * bracket. */
static size_t value_length(struct str s)
{
	size_t i = 0;
	int open = 0;

	while (i < s.n) {
		const char c = s.p[i];

		if (c == '"') {
			i += quoted_length(str_from(s, i));
			continue;
		}
		if (open == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		if (c == '{' || c == '[')
			open++;
		if (c == '}' || c == ']')
			open--;
		i++;
	}
	return i;
}

/* Removes one value, and a comma after it, from the start of `rest`. Returns the value. */
static struct str take_value(struct str *rest)
{
	*rest = skip_spaces(*rest);

	const size_t n = value_length(*rest);
	const struct str value = { rest->p, n };

	*rest = skip_spaces(str_from(*rest, n));
	if (rest->n && rest->p[0] == ',')
		*rest = str_from(*rest, 1);
	return str_trim(value);
}

static struct member take_member(struct str *rest)
{
	struct member member;

	*rest = skip_spaces(*rest);
	member.key = (struct str){ rest->p, quoted_length(*rest) };
	*rest = skip_spaces(str_from(*rest, member.key.n));
	*rest = str_from(*rest, 1); /* the colon */
	member.value = take_value(rest);
	return member;
}

/* Returns the text between the brackets of an object or array. */
static struct str text_in_brackets(struct str value)
{
	return str_trim((struct str){ value.p + 1, value.n - 2 });
}

/* Comparison function for qsort. It ignores the closing quote, so that a key sorts before longer keys that
 * start with it. */
static int compare_member_keys(const void *a, const void *b)
{
	const struct str x = ((const struct member *)a)->key, y = ((const struct member *)b)->key;

	return str_cmp((struct str){ x.p, x.n - 1 }, (struct str){ y.p, y.n - 1 });
}

/* Removes one code point from the start of well-formed UTF-8 and returns it. */
static uint32_t take_code_point(struct str *s)
{
	const unsigned char lead = (unsigned char)s->p[0];
	const size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
	uint32_t c = n == 1 ? lead : lead & (0xFFU >> (n + 1));

	for (size_t i = 1; i < n && i < s->n; i++)
		c = c << 6 | ((unsigned char)s->p[i] & 0x3F);
	*s = str_from(*s, n);
	return c;
}

static void put_ascii_text(struct buf *out, struct str text)
{
	while (text.n) {
		const uint32_t c = take_code_point(&text);

		if (c < 0x7F)
			buf_char(out, (char)c);
		else if (c < 0x10000)
			buf_printf(out, "\\u%04x", c);
		else
			buf_printf(
				out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10), 0xDC00 + (c & 0x3FF));
	}
}

static void put_sorted_object(struct buf *out, struct str value, int depth)
{
	struct str rest = text_in_brackets(value);
	size_t n = 0;

	while (rest.n) {
		(void)take_member(&rest);
		n++;
	}

	struct member *const members = arena_array(out->arena, struct member, n + 1);

	if (!members) {
		out->failed = true;
		return;
	}
	rest = text_in_brackets(value);
	for (size_t i = 0; i < n; i++)
		members[i] = take_member(&rest);
	qsort(members, n, sizeof(*members), compare_member_keys);
	buf_char(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(out, ',');
		put_ascii_text(out, members[i].key);
		buf_char(out, ':');
		put_sorted_value(out, members[i].value, depth - 1);
	}
	buf_char(out, '}');
}

static void put_sorted_array(struct buf *out, struct str value, int depth)
{
	struct str rest = text_in_brackets(value);
	bool first = true;

	buf_char(out, '[');
	while (rest.n) {
		if (!first)
			buf_char(out, ',');
		first = false;
		put_sorted_value(out, take_value(&rest), depth - 1);
	}
	buf_char(out, ']');
}

static void put_sorted_value(struct buf *out, struct str value, int depth)
{
	if (depth < 0 || !value.n)
		out->failed = true;
	else if (value.p[0] == '{')
		put_sorted_object(out, value, depth);
	else if (value.p[0] == '[')
		put_sorted_array(out, value, depth);
	else
		put_ascii_text(out, value);
}

enum err json_sorted(struct arena *a, struct str json, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	put_sorted_value(&text, str_trim(json), SORTED_DEPTH_MAX);
	return buf_done(&text, out);
}
