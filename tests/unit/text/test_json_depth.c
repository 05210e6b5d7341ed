#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lock.h"
#include "text/json.h"

static struct arena arena;

/* Returns a text in which `inner` is enclosed by `depth` times `open` and `depth` times `close`. */
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

struct deep_document {
	struct str text, rewritten;
	enum err parsed, written, reparsed;
	bool same;
};

/* Runs on a thread with THREAD_STACK bytes of stack. Parsing, writing, comparing and freeing a document all
 * recurse to its depth. */
static void parse_and_write_deep(void *arg)
{
	struct deep_document *const deep = arg;
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	const struct json_value *rewritten cleanup_with(json_cleanup) = NULL;
	struct json_writer w;
	struct buf buf;

	deep->parsed = json_parse(deep->text, true, &document);
	if (deep->parsed != OK)
		return;
	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_put_value(&w, document);
	deep->written = buf_done(&buf, &deep->rewritten);
	deep->reparsed = json_parse(deep->rewritten, true, &rewritten);
	deep->same = json_same(document, rewritten);
}

static void depth_is_limited_on_a_thread_of_the_usual_stack_size(void **state maybe_unused)
{
	arena_init(&arena, (size_t)8 * 1024 * 1024);
	const struct {
		const char *name;
		struct str text;
		bool accepted;
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
		struct deep_document deep = { .text = rows[i].text };
		struct thread thread = { .running = false };

		assert_int_equal(thread_start(&thread, parse_and_write_deep, &deep), OK);
		thread_join(&thread);
		if (deep.parsed != (rows[i].accepted ? OK : ERR_INPUT))
			fail_msg("%s: %s", rows[i].name, err_name(deep.parsed));
		if (!rows[i].accepted)
			continue;
		assert_int_equal(deep.written, OK);
		assert_true(str_eq(deep.text, deep.rewritten));
		assert_int_equal(deep.reparsed, OK);
		assert_true(deep.same);
	}
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(depth_is_limited_on_a_thread_of_the_usual_stack_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
