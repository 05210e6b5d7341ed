/* Properties: a document that is parsed and written has the same value when it is parsed again, and is then
 * written as the same bytes. Duplicate keys are rejected only on request, and json_duplicate_key then finds
 * one. */
#include <stdlib.h>

#include "base/arena.h"
#include "fuzz.h"
#include "text/json.h"

#define MEMORY ((size_t)64 * 1024 * 1024)

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static struct str write_value(struct arena *a, const struct json_value *value)
{
	struct json_writer w;
	struct buf buf;
	struct str text = { NULL, 0 };

	buf_init(&buf, a);
	json_writer_init(&w, &buf);
	json_put_value(&w, value);
	abort_unless(buf_done(&buf, &text) == OK);
	return text;
}

static void check_rewritten(struct arena *a, struct str text)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *again cleanup_with(json_cleanup) = NULL;

	if (json_parse(text, false, &document) != OK)
		return;
	const struct str once = write_value(a, document);
	abort_unless(json_parse(once, true, &again) == OK);
	abort_unless(json_same(document, again));
	abort_unless(str_eq(once, write_value(a, again)));
}

static void check_duplicate_keys(struct arena *a, struct str text)
{
	const struct json_value *strict cleanup_with(json_cleanup) = NULL;
	const struct json_value *lenient cleanup_with(json_cleanup) = NULL;
	struct str key = { NULL, 0 };
	const enum err e = json_parse(text, true, &strict);
	const enum err named = json_duplicate_key(a, text, &key);

	abort_unless(e != OK || named == ERR_NOT_FOUND);
	abort_unless(e != ERR_INPUT || named == ERR_INPUT);
	abort_unless(e != ERR_CONFLICT || (named == OK && key.p && str_is_utf8(key)));
	abort_unless(e != OK || json_parse(text, false, &lenient) == OK);
	abort_unless(e != OK || json_same(strict, lenient));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data, size };
	struct arena arena;

	arena_init(&arena, MEMORY);
	check_rewritten(&arena, text);
	check_duplicate_keys(&arena, text);
	arena_finish(&arena);
	return 0;
}
