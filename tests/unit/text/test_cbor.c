#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/cbor.h"

/* Vectors of RFC 8949, appendix A, and items that authenticators use. */
static const struct {
	const char *name;
	struct str input;
	struct cbor_item item;
} readable[] = {
	{ "0", STR_INIT("\x00"), { CBOR_INTEGER, 0, { NULL, 0 }, 0 } },
	{ "23", STR_INIT("\x17"), { CBOR_INTEGER, 23, { NULL, 0 }, 0 } },
	{ "24", STR_INIT("\x18\x18"), { CBOR_INTEGER, 24, { NULL, 0 }, 0 } },
	{ "1000", STR_INIT("\x19\x03\xE8"), { CBOR_INTEGER, 1000, { NULL, 0 }, 0 } },
	{ "1000000", STR_INIT("\x1A\x00\x0F\x42\x40"), { CBOR_INTEGER, 1000000, { NULL, 0 }, 0 } },
	{ "1000000000000", STR_INIT("\x1B\x00\x00\x00\xE8\xD4\xA5\x10\x00"),
		{ CBOR_INTEGER, 1000000000000, { NULL, 0 }, 0 } },
	{ "the greatest integer", STR_INIT("\x1B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		{ CBOR_INTEGER, INT64_MAX, { NULL, 0 }, 0 } },
	{ "-1", STR_INIT("\x20"), { CBOR_INTEGER, -1, { NULL, 0 }, 0 } },
	{ "-100", STR_INIT("\x38\x63"), { CBOR_INTEGER, -100, { NULL, 0 }, 0 } },
	{ "-257", STR_INIT("\x39\x01\x00"), { CBOR_INTEGER, -257, { NULL, 0 }, 0 } },
	{ "the smallest integer", STR_INIT("\x3B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
		{ CBOR_INTEGER, INT64_MIN, { NULL, 0 }, 0 } },
	{ "a longer form of 1", STR_INIT("\x19\x00\x01"), { CBOR_INTEGER, 1, { NULL, 0 }, 0 } },
	{ "no bytes", STR_INIT("\x40"), { CBOR_BYTES, 0, STR_INIT(""), 0 } },
	{ "bytes", STR_INIT("\x44\1\2\3\4"), { CBOR_BYTES, 0, STR_INIT("\1\2\3\4"), 0 } },
	{ "bytes with a length of one byte", STR_INIT("\x58\x02\1\2"),
		{ CBOR_BYTES, 0, STR_INIT("\1\2"), 0 } },
	{ "text", STR_INIT("\x64IETF"), { CBOR_TEXT, 0, STR_INIT("IETF"), 0 } },
	{ "an empty list", STR_INIT("\x80"), { CBOR_LIST, 0, { NULL, 0 }, 0 } },
	{ "a list", STR_INIT("\x83\1\2\3"), { CBOR_LIST, 0, { NULL, 0 }, 3 } },
	{ "an empty map", STR_INIT("\xA0"), { CBOR_MAP, 0, { NULL, 0 }, 0 } },
	{ "a map", STR_INIT("\xA2\1\2\3\4"), { CBOR_MAP, 0, { NULL, 0 }, 2 } },
	{ "a list in maps in a list", STR_INIT("\x81\xA1\1\xA1\2\x82\3\4"),
		{ CBOR_LIST, 0, { NULL, 0 }, 1 } },
	{ "false", STR_INIT("\xF4"), { CBOR_OTHER, 0, { NULL, 0 }, 0 } },
	{ "null", STR_INIT("\xF6"), { CBOR_OTHER, 0, { NULL, 0 }, 0 } },
	{ "simple value", STR_INIT("\xF8\xFF"), { CBOR_OTHER, 0, { NULL, 0 }, 0 } },
	{ "1.5", STR_INIT("\xF9\x3E\x00"), { CBOR_OTHER, 0, { NULL, 0 }, 0 } },
	{ "1.1", STR_INIT("\xFB\x3F\xF1\x99\x99\x99\x99\x99\x9A"), { CBOR_OTHER, 0, { NULL, 0 }, 0 } },
};

static const struct {
	const char *name;
	struct str input;
} unreadable[] = {
	{ "nothing", { NULL, 0 } },
	{ "an integer above the greatest", STR_INIT("\x1B\x80\0\0\0\0\0\0\0") },
	{ "an integer below the smallest", STR_INIT("\x3B\x80\0\0\0\0\0\0\0") },
	{ "a reserved length", STR_INIT("\x1C") },
	{ "bytes of indefinite length", STR_INIT("\x5F\x41\1\xFF") },
	{ "text of indefinite length", STR_INIT("\x7F\x61\x61\xFF") },
	{ "a list of indefinite length", STR_INIT("\x9F\1\xFF") },
	{ "a map of indefinite length", STR_INIT("\xBF\1\1\xFF") },
	{ "the end of a list of indefinite length", STR_INIT("\xFF") },
	{ "a tag", STR_INIT("\xC0\x60") },
	{ "more bytes than there are", STR_INIT("\x42\1") },
	{ "a number of bytes that overflows", STR_INIT("\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1") },
	{ "more items than there are", STR_INIT("\x82\1") },
	{ "a number of items that overflows", STR_INIT("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1") },
	{ "half a pair", STR_INIT("\xA1\1") },
	{ "a number of pairs that overflows", STR_INIT("\xBB\x80\0\0\0\0\0\0\0\1") },
};

static void items_are_read(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(readable); i++) {
		struct str rest = readable[i].input;
		struct cbor_item item;

		print_message("# %s\n", readable[i].name);
		assert_true(cbor_next(&rest, &item));
		assert_int_equal(item.kind, readable[i].item.kind);
		assert_true(item.integer == readable[i].item.integer);
		assert_int_equal(item.count, readable[i].item.count);
		assert_true(str_eq(item.text, readable[i].item.text));
		assert_true(item.kind == CBOR_LIST || item.kind == CBOR_MAP || rest.n == 0);
	}
}

/* Each item is skipped as a whole, whatever comes after it, and not if any of its bytes is missing. */
static void skipping_removes_one_whole_item(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(readable); i++) {
		const struct str input = readable[i].input;
		char longer[32];

		print_message("# %s\n", readable[i].name);
		assert_true(input.n < sizeof(longer));
		memcpy(longer, input.p, input.n);
		longer[input.n] = '\x42'; /* the beginning of another item */
		struct str rest = { longer, input.n + 1 };
		assert_true(cbor_skip(&rest));
		assert_int_equal(rest.n, 1);
		for (size_t n = 0; n < input.n; n++) {
			rest = (struct str){ input.p, n };
			assert_false(cbor_skip(&rest));
		}
	}
}

static void malformed_items_are_refused(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(unreadable); i++) {
		struct str rest = unreadable[i].input;
		struct cbor_item item;

		print_message("# %s\n", unreadable[i].name);
		assert_false(cbor_next(&rest, &item));
		rest = unreadable[i].input;
		assert_false(cbor_skip(&rest));
	}
}

static void depth_is_limited(void **state maybe_unused)
{
	char nested[CBOR_DEPTH_MAX + 2];

	memset(nested, '\x81', sizeof(nested)); /* lists of one item */
	nested[CBOR_DEPTH_MAX] = '\1';
	struct str rest = { nested, CBOR_DEPTH_MAX + 1 };
	assert_true(cbor_skip(&rest));
	assert_int_equal(rest.n, 0);
	nested[CBOR_DEPTH_MAX] = '\x81';
	nested[CBOR_DEPTH_MAX + 1] = '\1';
	rest = (struct str){ nested, CBOR_DEPTH_MAX + 2 };
	assert_false(cbor_skip(&rest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_read),
		cmocka_unit_test(skipping_removes_one_whole_item),
		cmocka_unit_test(malformed_items_are_refused),
		cmocka_unit_test(depth_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
