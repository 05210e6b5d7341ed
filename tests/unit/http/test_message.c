#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/message.h"

static struct request request_with_headers(void)
{
	return (struct request){
		.headers = { { STR_INIT("Host"), STR_INIT("a") }, { STR_INIT("X-Two"), STR_INIT("1") },
			{ STR_INIT("x-two"), STR_INIT("2") }, { STR_INIT("Empty"), STR_INIT("") } },
		.n_headers = 4,
	};
}

static void headers_are_found_by_name(void **state maybe_unused)
{
	static const struct {
		const char *name, *value;
		size_t count;
	} rows[] = {
		{ "host", "a", 1 },
		{ "HOST", "a", 1 },
		{ "X-TWO", "1", 2 },
		{ "empty", "", 1 },
		{ "hos", NULL, 0 },
		{ "hosts", NULL, 0 },
	};
	const struct request r = request_with_headers();

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str value = request_header(&r, str_of(rows[i].name));

		if ((value.p != NULL) != (rows[i].value != NULL) || !str_eq(value, str_of(rows[i].value)))
			fail_msg("%s", rows[i].name);
		assert_int_equal(request_header_count(&r, str_of(rows[i].name)), rows[i].count);
	}
}

static void replies_collect_headers(void **state maybe_unused)
{
	struct reply reply = { 0 };

	for (int i = 0; i < REPLY_HEADERS_MAX; i++)
		reply_header(&reply, STR("Retry-After"), STR("1"));
	assert_int_equal(reply.n_headers, REPLY_HEADERS_MAX);
	assert_true(str_eq(reply.headers[REPLY_HEADERS_MAX - 1].name, STR("Retry-After")));
}

static void methods_have_names(void **state maybe_unused)
{
	assert_true(str_eq(method_name(METHOD_GET), STR("GET")));
	assert_true(str_eq(method_name(METHOD_OPTIONS), STR("OPTIONS")));
	assert_true(str_eq(method_name(METHOD_OTHER), STR("OTHER")));
	for (enum method m = METHOD_GET; m < METHOD_COUNT; m++)
		assert_true(method_name(m).n > 0);
}

/* All statuses that interface.md uses have a reason phrase. */
static void statuses_have_reason_phrases(void **state maybe_unused)
{
	static const int statuses[] = { 200, 201, 303, 400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 431,
		500, 501, 503, 505 };

	assert_true(str_eq(http_reason(404), STR("Not Found")));
	assert_true(str_eq(http_reason(299), STR("Status")));
	for (size_t i = 0; i < array_len(statuses); i++) {
		if (str_eq(http_reason(statuses[i]), STR("Status")))
			fail_msg("%d", statuses[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_found_by_name),
		cmocka_unit_test(replies_collect_headers),
		cmocka_unit_test(methods_have_names),
		cmocka_unit_test(statuses_have_reason_phrases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
