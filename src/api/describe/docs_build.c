#include "api/describe/docs_build.h"

#include <string.h>

#include "text/encode.h"

#define LIST_START 8

void *docs_add(struct docs_builder *b, struct template_list *list, size_t size)
{
	const size_t n = list->n;
	char *items;

	/* The builder made the array, which only the template must not change. */
	memcpy(&items, &list->items, sizeof(items));
	/* The array has room for a power of two of items. */
	if (n == 0 || (n >= LIST_START && (n & (n - 1)) == 0)) {
		char *const more = arena_many(b->a, size, n == 0 ? LIST_START : 2 * n, _Alignof(max_align_t));

		if (!more) {
			b->failed = true;
			return NULL;
		}
		if (n > 0)
			memcpy(more, items, n * size);
		list->items = items = more;
	}
	list->n++;
	return items + n * size;
}

void docs_add_word(struct docs_builder *b, struct template_list *list, struct str id, struct str word)
{
	struct docs_word *const item = docs_add(b, list, sizeof(*item));

	if (item)
		*item = (struct docs_word){ id, word };
}

struct str docs_done(struct docs_builder *b, struct buf *text)
{
	struct str out = { "", 0 };

	if (buf_done(text, &out) != OK)
		b->failed = true;
	return out;
}

struct str docs_prose(struct docs_builder *b, const char *text)
{
	struct str rest = str_of(text), part;
	struct buf out;
	bool is_code = false, more = true;

	buf_init(&out, b->a);
	while (more) {
		more = str_cut(&rest, '`', &part);
		buf_add(&out, is_code ? STR("<code>") : STR(""));
		html_escape(&out, part);
		buf_add(&out, is_code ? STR("</code>") : STR(""));
		is_code = !is_code;
	}
	return docs_done(b, &out);
}

struct str docs_id(struct docs_builder *b, const char *prefix, const char *text)
{
	struct buf out;

	buf_init(&out, b->a);
	buf_add(&out, str_of(prefix));
	for (const char *c = text; *c; c++) {
		const bool is_upper = *c >= 'A' && *c <= 'Z';
		const bool is_word = is_upper || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');

		buf_char(&out, is_upper ? (char)(*c - 'A' + 'a') : is_word ? *c : '-');
	}
	return docs_done(b, &out);
}
