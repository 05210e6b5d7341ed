#include "api/describe/json_indent.h"

#include <stdbool.h>

static void start_line(struct buf *out, size_t depth)
{
	buf_char(out, '\n');
	for (size_t i = 0; i < depth; i++)
		buf_add(out, STR("  "));
}

struct layout {
	size_t depth;
	bool in_text, escaped;
};

static void indent_char(struct buf *out, struct layout *at, struct str json, size_t i)
{
	const char c = json.p[i];
	const bool empty = i + 1 < json.n && (json.p[i + 1] == '}' || json.p[i + 1] == ']');

	if (c == '}' || c == ']') {
		at->depth--;
		if (i > 0 && json.p[i - 1] != '{' && json.p[i - 1] != '[')
			start_line(out, at->depth);
	}
	buf_char(out, c);
	at->depth += c == '{' || c == '[';
	if (c == ',' || ((c == '{' || c == '[') && !empty))
		start_line(out, at->depth);
	if (c == ':')
		buf_char(out, ' ');
}

void json_indent(struct buf *out, struct str json)
{
	struct layout at = { 0 };

	for (size_t i = 0; i < json.n; i++) {
		const char c = json.p[i];

		if (!at.in_text && c != '"') {
			indent_char(out, &at, json, i);
			continue;
		}
		buf_char(out, c);
		at.in_text = at.in_text ? c != '"' || at.escaped : true;
		at.escaped = at.in_text && c == '\\' && !at.escaped;
	}
}
