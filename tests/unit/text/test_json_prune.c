#include "text/json_prune.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/json.h"

static const struct str keys[] = { STR_INIT("a"), STR_INIT("b"), STR_INIT("list") };

static struct {
	char text[8192];
	size_t n;
} kept;

static void keep(void *arg, struct str bytes)
{
	assert_ptr_equal(arg, &kept);
	assert_true(kept.n + bytes.n < sizeof(kept.text));
	memcpy(kept.text + kept.n, bytes.p, bytes.n);
	kept.n += bytes.n;
	kept.text[kept.n] = '\0';
}

/* Pushes pieces of `piece` bytes. */
static const char *prune(struct str json, size_t piece)
{
	struct json_prune p;

	kept.n = 0;
	kept.text[0] = '\0';
	json_prune_init(&p, keys, array_len(keys), keep, &kept);
	for (size_t i = 0; i < json.n; i += piece)
		json_prune_push(&p, (struct str){ json.p + i, json.n - i < piece ? json.n - i : piece });
	json_prune_end(&p);
	return kept.text;
}

static const struct {
	struct str json;
	const char *kept;
} valid[] = {
	{ STR_INIT("{}"), "{}" },
	{ STR_INIT("[]"), "[]" },
	{ STR_INIT(" { } "), "{}" },
	{ STR_INIT("null"), "null" },
	{ STR_INIT("\"x y\""), "\"x y\"" },
	{ STR_INIT("-1.5e+3 "), "-1.5e+3" },
	{ STR_INIT("{\"a\":1}"), "{\"a\":1}" },
	{ STR_INIT("{\"x\":1}"), "{}" },
	{ STR_INIT("{\"x\":1,\"a\":2}"), "{\"a\":2}" },
	{ STR_INIT("{\"a\":1,\"x\":2}"), "{\"a\":1}" },
	{ STR_INIT("{ \"a\" : 1 , \"x\" : 2 , \"b\" : null }"), "{\"a\":1,\"b\":null}" },
	{ STR_INIT("{\"x\":{\"a\":[1,{\"b\":\"}\"}]},\"a\":true}"), "{\"a\":true}" },
	{ STR_INIT("{\"x\":\"\\\"}\\\\\",\"a\":\"\\\"x\\\\\"}"), "{\"a\":\"\\\"x\\\\\"}" },
	{ STR_INIT("{\"list\":[{\"a\":1,\"x\":[]},{\"x\":1},[2, 3],\"t\"],\"y\":[[]]}"),
		"{\"list\":[{\"a\":1},{},[2,3],\"t\"]}" },
	{ STR_INIT("{\"\":1,\"\\u0061\":2,\"aa\":3,\"A\":4}"), "{\"\\u0061\":2}" },
	{ STR_INIT("{\"x\":tru,\"a\":1}"), "{\"a\":1}" },
};

static void only_members_with_known_keys_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(valid); i++)
		for (size_t piece = 1; piece <= valid[i].json.n; piece++)
			assert_string_equal(prune(valid[i].json, piece), valid[i].kept);
}

/* If a document is malformed, its pruned form is malformed too, so that the parser rejects it. */
static const struct str malformed[] = {
	STR_INIT(""),
	STR_INIT(" "),
	STR_INIT("<html>"),
	STR_INIT("{"),
	STR_INIT("{\"a\""),
	STR_INIT("{\"a\":"),
	STR_INIT("{\"a\":1"),
	STR_INIT("{\"a\":\"x"),
	STR_INIT("{\"x\":\"x"),
	STR_INIT("{\"x\":[1"),
	STR_INIT("{\"x\":1"),
	STR_INIT("{\"x\":1 \"a\":2}"),
	STR_INIT("{\"x\" 1,\"a\":2}"),
	STR_INIT("{\"x\":,\"a\":2}"),
	STR_INIT("{\"x\":1,}"),
	STR_INIT("{\"a\":1,}"),
	STR_INIT("{,\"a\":1}"),
	STR_INIT("{x:1,\"a\":1}"),
	STR_INIT("{\"a\":1]"),
	STR_INIT("{\"x\":1]"),
	STR_INIT("[1,]"),
	STR_INIT("[1 2]"),
	STR_INIT("{\"a\":tru}"),
	STR_INIT("{\"a\":01}"),
	STR_INIT("{\"a\":1}{\"b\":2}"),
	STR_INIT("{\"x\":1} x"),
	STR_INIT("{\"a\":1,\"x\":0,\"a\":2}"),
};

static void malformed_document_stays_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(malformed); i++) {
		const struct json_value *document = NULL;

		for (size_t piece = 1; piece <= malformed[i].n; piece++)
			if (json_parse(str_of(prune(malformed[i], piece)), true, &document) == OK)
				fail_msg("%s: %s", malformed[i].p, kept.text);
	}
}

/* A document that is not JSON, for example a page of another server, is kept, so that it can be recognised.
 */
static void what_is_not_json_is_kept(void **state)
{
	(void)state;
	assert_string_equal(prune(STR("\n<html>a page</html>"), 3), "<html>a page</html>");
}

static void long_keys_and_deep_nesting_are_bounded(void **state)
{
	char json[JSON_PRUNE_KEY_SIZE + 100], deep[8 * JSON_PRUNE_DEPTH];
	const struct json_value *document cleanup_with(json_cleanup) = NULL;

	(void)state;
	memset(json, 'a', sizeof(json));
	memcpy(json, "{\"", 2);
	memcpy(json + sizeof(json) - 12, "\":1,\"b\":2}", 11);
	assert_string_equal(prune(str_of(json), 7), "{\"b\":2}");
	for (int extra = 0; extra < 2; extra++) {
		const size_t n = JSON_PRUNE_DEPTH + (size_t)extra;

		memset(deep, '[', n);
		memset(deep + n, ']', n);
		assert_int_equal(
			json_parse(str_of(prune((struct str){ deep, 2 * n }, 9)), true, &document) == OK,
			extra == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_members_with_known_keys_are_kept),
		cmocka_unit_test(malformed_document_stays_malformed),
		cmocka_unit_test(what_is_not_json_is_kept),
		cmocka_unit_test(long_keys_and_deep_nesting_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
