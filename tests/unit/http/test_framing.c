#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/framing.h"

#define LIMIT 1000

static const struct {
	const char *name;
	int minor;
	struct header headers[3];
	size_t n;
	bool is_valid;
	struct framing framing;
	enum refusal why;
} rows[] = {
#define H(name, value)                                                                                       \
	{                                                                                                    \
		STR_INIT(name), STR_INIT(value)                                                              \
	}
#define HOST H("hOST", "a")
	{ "no headers in HTTP/1.0", 0, { HOST }, 0, true, { false, 0, false }, 0 },
	{ "no headers in HTTP/1.1", 1, { HOST }, 0, false, { false, 0, false }, REFUSE_BAD_REQUEST },
	{ "a host", 1, { HOST }, 1, true, { false, 0, false }, 0 },
	{ "two hosts", 1, { HOST, HOST }, 2, false, { false, 0, false }, REFUSE_BAD_REQUEST },
	{ "limit - 1", 1, { HOST, H("content-length", "999") }, 2, true, { false, 999, false }, 0 },
	{ "limit", 1, { HOST, H("content-length", "1000") }, 2, true, { false, 1000, false }, 0 },
	{ "limit + 1", 1, { HOST, H("content-length", "1001") }, 2, false, { false, 0, false },
		REFUSE_PAYLOAD },
	{ "above 64 bits", 1, { HOST, H("content-length", "99999999999999999999") }, 2, false,
		{ false, 0, false }, REFUSE_PAYLOAD },
	{ "a list of lengths", 1, { HOST, H("content-length", "1, 1") }, 2, false, { false, 0, false },
		REFUSE_BAD_REQUEST },
	{ "chunked", 1, { HOST, H("transfer-encoding", "CHUNKED") }, 2, true, { true, 0, false }, 0 },
	{ "another coding", 1, { HOST, H("transfer-encoding", "br") }, 2, false, { false, 0, false },
		REFUSE_NOT_IMPLEMENTED },
	{ "chunked in HTTP/1.0", 0, { H("transfer-encoding", "chunked") }, 1, false, { false, 0, false },
		REFUSE_BAD_REQUEST },
	{ "coding and length", 1, { HOST, H("transfer-encoding", "br"), H("content-length", "1") }, 3, false,
		{ false, 0, false }, REFUSE_BAD_REQUEST },
	{ "two codings", 1, { HOST, H("transfer-encoding", "chunked"), H("transfer-encoding", "chunked") }, 3,
		false, { false, 0, false }, REFUSE_BAD_REQUEST },
	{ "expects 100-continue", 1, { HOST, H("content-length", "1"), H("expect", "100-Continue") }, 3, true,
		{ false, 1, true }, 0 },
	{ "expects 100-continue, chunked", 1,
		{ HOST, H("transfer-encoding", "chunked"), H("expect", "100-continue") }, 3, true,
		{ true, 0, true }, 0 },
	{ "expectation is ignored in HTTP/1.0", 0, { H("content-length", "1"), H("expect", "100-continue") },
		2, true, { false, 1, false }, 0 },
	{ "unknown expectation", 1, { HOST, H("expect", "200") }, 2, false, { false, 0, false },
		REFUSE_BAD_REQUEST },
#undef HOST
#undef H
};

static void framing_is_read_from_the_head(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct request r = { .n_headers = rows[i].n };
		struct framing got = { false, 77, false };
		enum refusal why = 0;

		for (size_t h = 0; h < rows[i].n; h++)
			r.headers[h] = rows[i].headers[h];
		if (framing_read(&r, rows[i].minor, LIMIT, &got, &why) != rows[i].is_valid)
			fail_msg("%s", rows[i].name);
		if (!rows[i].is_valid && (why != rows[i].why || got.length != 77))
			fail_msg("%s: %d", rows[i].name, (int)why);
		if (rows[i].is_valid &&
			(got.chunked != rows[i].framing.chunked || got.length != rows[i].framing.length ||
				got.expects != rows[i].framing.expects))
			fail_msg("%s: %zu", rows[i].name, got.length);
	}
}

static void targets_are_split(void **state maybe_unused)
{
	static const struct {
		const char *target;
		enum method method;
		const char *path, *query; /* NULL: rejected */
	} forms[] = {
		{ "/", METHOD_GET, "/", "" },
		{ "/a/b?c?d", METHOD_GET, "/a/b", "c?d" },
		{ "//a", METHOD_GET, "//a", "" },
		{ "http://h/a?b", METHOD_GET, "/a", "b" },
		{ "HttpS://h", METHOD_GET, "/", "" },
		{ "http://h?b", METHOD_GET, "/", "b" },
		{ "http://", METHOD_GET, NULL, NULL },
		{ "http:///a", METHOD_GET, NULL, NULL },
		{ "http:/a", METHOD_GET, NULL, NULL },
		{ "http", METHOD_GET, NULL, NULL },
		{ "*", METHOD_OPTIONS, "*", "" },
		{ "*", METHOD_GET, NULL, NULL },
		{ "*a", METHOD_OPTIONS, NULL, NULL },
		{ "a:80", METHOD_OTHER, NULL, NULL },
		{ "?a", METHOD_GET, NULL, NULL },
	};

	for (size_t i = 0; i < array_len(forms); i++) {
		struct str path = { NULL, 0 }, query = { NULL, 0 };
		const bool is_valid = target_read(str_of(forms[i].target), forms[i].method, &path, &query);

		if (is_valid != (forms[i].path != NULL) || !str_eq(path, str_of(forms[i].path)) ||
			!str_eq(query, str_of(forms[i].query)))
			fail_msg("%s", forms[i].target);
	}
}

static void length_is_number_accepts_digits_of_any_length(void **state maybe_unused)
{
	assert_true(length_is_number(STR("0")));
	assert_true(length_is_number(STR("99999999999999999999999999")));
	assert_false(length_is_number(STR("")));
	assert_false(length_is_number(STR("1 ")));
	assert_false(length_is_number(STR("+1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing_is_read_from_the_head),
		cmocka_unit_test(targets_are_split),
		cmocka_unit_test(length_is_number_accepts_digits_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
