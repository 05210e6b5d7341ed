#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lock.h"
#include "text/json.h"

static struct arena arena;

/* `depth` times `open`, then `close`. */
static struct str nested(size_t depth, struct str open, struct str inner, struct str close)
{
	struct buf buf;
	struct str text;

	buf_init(&buf, &arena);
	for (size_t i = 0; i < depth; i++)
		buf_add(&buf, open);
	buf_add(&buf, inner);
	for (size_t i = 0; i < depth; i++)
		buf_add(&buf, close);
	assert_int_equal(buf_done(&buf, &text), OK);
	return text;
}

struct deep {
	struct str text, again;
	enum err opened, written, again_opened;
	bool same;
};

/* On a thread of the house's stack size: reading, writing, comparing and freeing all go as deep as the text.
 */
static void read_deep(void *arg)
{
	struct deep *const deep = arg;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *again cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf buf;

	deep->opened = json_parse(deep->text, true, &document);
	if (deep->opened != OK)
		return;
	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_put_value(&w, document);
	deep->written = buf_done(&buf, &deep->again);
	deep->again_opened = json_parse(deep->again, true, &again);
	deep->same = json_same(document, again);
}

static void depth_has_an_end(void **state maybe_unused)
{
	arena_init(&arena, (size_t)8 * 1024 * 1024);
	const struct {
		const char *name;
		struct str text;
		bool taken;
	} rows[] = {
		{ "2,048 arrays", nested(2048, STR("["), STR(""), STR("]")), true },
		{ "2,049 arrays", nested(2049, STR("["), STR(""), STR("]")), false },
		{ "60,000 arrays", nested(60000, STR("["), STR(""), STR("]")), false },
		{ "60,000 open brackets", nested(60000, STR("["), STR(""), STR("")), false },
		{ "60,000 open braces", nested(60000, STR("{"), STR(""), STR("")), false },
		{ "1,023 objects in arrays", nested(1023, STR("[{\"a\":"), STR("1"), STR("}]")), true },
		{ "2,047 objects", nested(2047, STR("{\"a\":"), STR("1"), STR("}")), true },
		{ "2,048 objects around a number", nested(2048, STR("{\"a\":"), STR("1"), STR("}")), false },
		{ "10,000 objects", nested(10000, STR("{\"a\":"), STR("1"), STR("}")), false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct deep deep = { .text = rows[i].text };
		struct thread thread = { .running = false };

		assert_int_equal(thread_start(&thread, read_deep, &deep), OK);
		thread_join(&thread);
		if (deep.opened != (rows[i].taken ? OK : ERR_INPUT))
			fail_msg("%s: %s", rows[i].name, err_name(deep.opened));
		if (!rows[i].taken)
			continue;
		assert_int_equal(deep.written, OK);
		assert_true(str_eq(deep.text, deep.again));
		assert_int_equal(deep.again_opened, OK);
		assert_true(deep.same);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
