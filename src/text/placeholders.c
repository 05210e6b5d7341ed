#include "text/placeholders.h"

#include <string.h>

#include "text/encode.h"

/* Length of the {name} at the start of the text, including the braces; 0: the text does not start with one.
 */
static size_t placeholder_length(struct str s)
{
	size_t n = 1;

	if (s.n == 0 || s.p[0] != '{')
		return 0;
	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	return n > 1 && n < s.n && s.p[n] == '}' ? n + 1 : 0;
}

bool placeholder_next(struct str *rest, struct str *before, struct str *name)
{
	for (size_t i = 0; i < rest->n; i++) {
		const size_t length = placeholder_length(str_from(*rest, i));

		if (length == 0)
			continue;
		*before = (struct str){ rest->p, i };
		*name = (struct str){ rest->p + i + 1, length - 2 };
		*rest = str_from(*rest, i + length);
		return true;
	}
	*before = *rest;
	*rest = (struct str){ NULL, 0 };
	return false;
}

/* Returns whether the end of `text` is inside a <title> element. `in_title` states whether its start is. A
 * <title> can contain only text: browsers show an element in it, such as <bdi>, as literal text. */
static bool is_in_title(struct str text, bool in_title)
{
	static const struct str start = STR_INIT("<title"), end = STR_INIT("</title");

	for (size_t i = 0; i < text.n; i++) {
		const struct str here = str_from(text, i);

		if (here.n >= start.n && str_eq_nocase((struct str){ here.p, start.n }, start))
			in_title = true;
		if (here.n >= end.n && str_eq_nocase((struct str){ here.p, end.n }, end))
			in_title = false;
	}
	return in_title;
}

static void put_value(struct buf *out, const struct placeholder *value, bool html, bool in_title)
{
	if (!html || value->kind == PLACEHOLDER_MARKUP) {
		buf_add(out, value->value);
	} else if (value->kind == PLACEHOLDER_NAME && !in_title) {
		buf_add(out, STR("<bdi>"));
		html_escape(out, value->value);
		buf_add(out, STR("</bdi>"));
	} else {
		html_escape(out, value->value);
	}
}

void placeholders_fill(
	struct buf *out, struct str pattern, const struct placeholder *values, size_t n, bool html)
{
	struct str before, name;
	bool in_title = false;

	while (placeholder_next(&pattern, &before, &name)) {
		size_t i = 0;

		buf_add(out, before);
		in_title = is_in_title(before, in_title);
		while (i < n && !str_eq(name, str_of(values[i].name)))
			i++;
		if (i < n)
			put_value(out, &values[i], html, in_title);
		else
			buf_add(out, (struct str){ name.p - 1, name.n + 2 });
	}
	buf_add(out, before);
}
