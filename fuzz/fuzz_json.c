/* What was read and written again is the same: the same value, and from then on the same bytes. A key twice
 * is refused exactly where it was asked for, and can be named. */
#include <stdlib.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/json.h"

#define MEMORY ((size_t)64 * 1024 * 1024)

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct str written(struct arena *a, const struct json_value *value)
{
	struct json_writer w;
	struct buf buf;
	struct str text = { NULL, 0 };

	buf_init(&buf, a);
	json_writer_init(&w, &buf);
	json_put_value(&w, value);
	must(buf_done(&buf, &text) == OK);
	return text;
}

static void comes_back(struct arena *a, struct str text)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *again cleanup_with(json_cleanup) = NULL;

	if (json_parse(text, false, &document) != OK)
		return;
	const struct str once = written(a, document);
	must(json_parse(once, true, &again) == OK);
	must(json_same(document, again));
	must(str_eq(once, written(a, again)));
}

static void repeats_are_named(struct arena *a, struct str text)
{
	const struct json_value *strict cleanup_with(json_cleanup) = NULL;
	const struct json_value *lax cleanup_with(json_cleanup) = NULL;
	struct str key = { NULL, 0 };
	const enum err e = json_parse(text, true, &strict);
	const enum err named = json_duplicate_key(a, text, &key);

	must(e != OK || named == ERR_NOT_FOUND);
	must(e != ERR_INPUT || named == ERR_INPUT);
	must(e != ERR_CONFLICT || (named == OK && key.p && str_is_utf8(key)));
	must(e != OK || json_parse(text, false, &lax) == OK);
	must(e != OK || json_same(strict, lax));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data, size };
	struct arena arena;

	arena_init(&arena, MEMORY);
	comes_back(&arena, text);
	repeats_are_named(&arena, text);
	arena_finish(&arena);
	return 0;
}
