/* The canonical form of a canonical form is the same, it says what the document says, and it is refused where
 * the reader of JSON refuses (numbers that he cannot hold aside). */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/json.h"
#include "text/json_canonical.h"

#define MEMORY ((size_t)256 * 1024 * 1024)

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Sixteen digits in a row, or an exponent: the reader may find such a number too large, or round it. */
static bool may_be_large(struct str text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.n; i++) {
		digits = text.p[i] >= '0' && text.p[i] <= '9' ? digits + 1 : 0;
		if (digits > 15 || text.p[i] == 'e' || text.p[i] == 'E')
			return true;
	}
	return false;
}

static bool has_float(struct str text)
{
	return str_has(text, '.') || str_has(text, 'e') || str_has(text, 'E');
}

static void agrees_with_reader(struct str text, struct str canonical, enum err e)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *again cleanup_with(json_cleanup) = NULL;
	const enum err opened = json_parse(text, false, &document);

	/* The reader looks at the range of a number only; all else they judge alike. */
	must(opened != OK || e == OK);
	must(e != OK || opened == OK || may_be_large(text));
	if (e != OK || opened != OK)
		return;
	/* a float may have become an integer that is beyond the reader */
	must(json_parse(canonical, true, &again) == OK || has_float(text));
	must(has_float(text) || json_same(document, again));
}

static void is_tight(struct str canonical)
{
	bool inside = false;

	for (size_t i = 0; i < canonical.n; i++) {
		const char c = canonical.p[i];

		if (inside && c == '\\')
			i++;
		else if (c == '"')
			inside = !inside;
		else
			must((unsigned char)c >= ' ' && (inside || c != ' '));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data, size };
	struct str once, twice;
	struct arena arena;

	arena_init(&arena, MEMORY);
	const enum err e = json_canonicalise(&arena, text, &once);
	must(e == OK || e == ERR_INPUT);
	agrees_with_reader(text, once, e);
	if (e == OK) {
		is_tight(once);
		must(json_canonicalise(&arena, once, &twice) == OK && str_eq(once, twice));
	}
	arena_finish(&arena);
	return 0;
}
