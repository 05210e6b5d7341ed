/* Properties: canonicalising a canonical form does not change it; the canonical form has the same value as
 * the input; and the input is rejected if and only if json_parse rejects it, except for numbers out of range.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/json.h"
#include "text/json_canonical.h"

#define MEMORY ((size_t)256 * 1024 * 1024)

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

/* Returns whether the text has 16 digits in a row or an exponent. json_parse may reject or round such a
 * number. */
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

static void check_against_json_parse(struct str text, struct str canonical, enum err e)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *again cleanup_with(json_cleanup) = NULL;
	const enum err parsed = json_parse(text, false, &document);

	/* json_canonicalise and json_parse may differ only on numbers that are out of range for
	 * json_parse. */
	abort_unless(parsed != OK || e == OK);
	abort_unless(e != OK || parsed == OK || may_be_large(text));
	if (e != OK || parsed != OK)
		return;
	/* A float may have become an integer that is out of range for json_parse. */
	abort_unless(json_parse(canonical, true, &again) == OK || has_float(text));
	abort_unless(has_float(text) || json_same(document, again));
}

static void check_compact(struct str canonical)
{
	bool in_string = false;

	for (size_t i = 0; i < canonical.n; i++) {
		const char c = canonical.p[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else
			abort_unless((unsigned char)c >= ' ' && (in_string || c != ' '));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data, size };
	struct str once, twice;
	struct arena arena;

	arena_init(&arena, MEMORY);
	const enum err e = json_canonicalise(&arena, text, &once);
	abort_unless(e == OK || e == ERR_INPUT);
	check_against_json_parse(text, once, e);
	if (e == OK) {
		check_compact(once);
		abort_unless(json_canonicalise(&arena, once, &twice) == OK && str_eq(once, twice));
	}
	arena_finish(&arena);
	return 0;
}
