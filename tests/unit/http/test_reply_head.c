#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http/reply_head.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define FRONT(line) "HTTP/1.1 " line "\r\nDate: " DATE "\r\n"

static const struct {
	const char *name;
	struct reply reply;
	struct reply_options options;
	const char *expected;
} rows[] = {
	{ "a body, connection kept open",
		{ .status = 200, .content_type = "text/plain", .body = STR_INIT("hello") },
		{ .keep_alive = true, .date = DATE },
		FRONT("200 OK") "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n" },
	{ "no body, connection closed", { .status = 303 }, { .date = DATE },
		FRONT("303 See Other") "Content-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "without a type the body is not sent", { .status = 200, .body = STR_INIT("lost") },
		{ .keep_alive = true, .date = DATE }, FRONT("200 OK") "Content-Length: 0\r\n\r\n" },
	{ "204 has no length", { .status = 204 }, { .keep_alive = true, .date = DATE },
		FRONT("204 No Content") "\r\n" },
	{ "304 has no length", { .status = 304 }, { .keep_alive = true, .date = DATE },
		FRONT("304 Not Modified") "\r\n" },
	{ "HTTP/1.0, connection kept open", { .status = 200 },
		{ .is_http10 = true, .keep_alive = true, .date = DATE },
		FRONT("200 OK") "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n" },
	{ "HTTP/1.0, connection closed", { .status = 200 }, { .is_http10 = true, .date = DATE },
		FRONT("200 OK") "Content-Length: 0\r\nConnection: close\r\n\r\n" },
	{ "headers in order",
		{ .status = 429,
			.headers = { { STR_INIT("Retry-After"), STR_INIT("7") },
				{ STR_INIT("X-Empty"), STR_INIT("") } },
			.n_headers = 2 },
		{ .keep_alive = true, .date = DATE },
		FRONT("429 Too Many Requests") "Content-Length: 0\r\nRetry-After: 7\r\nX-Empty: \r\n\r\n" },
	{ "unknown status", { .status = 299 }, { .keep_alive = true, .date = DATE },
		FRONT("299 Status") "Content-Length: 0\r\n\r\n" },
};

static void head_is_written(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		char out[1024];
		const size_t n = reply_head_write(&rows[i].reply, &rows[i].options, out);

		if (!str_eq((struct str){ out, n }, str_of(rows[i].expected)))
			fail_msg("%s: %.*s", rows[i].name, (int)n, out);
		assert_true(n <= reply_head_room(&rows[i].reply));
	}
}

static void reply_head_room_is_enough_for_the_longest_head(void **state maybe_unused)
{
	static char long_text[3000], out[40000];
	struct reply reply = { .status = 431, .content_type = "application/problem+json" };
	const struct reply_options options = { .is_http10 = true, .keep_alive = true, .date = DATE };
	size_t n;

	memset(long_text, 'x', sizeof(long_text));
	reply.body = (struct str){ NULL, SIZE_MAX }; /* only its length is used */
	for (int i = 0; i < REPLY_HEADERS_MAX; i++)
		reply_header(&reply, STR("Location"), (struct str){ long_text, sizeof(long_text) });
	n = reply_head_write(&reply, &options, out);
	assert_true(n > REPLY_HEADERS_MAX * sizeof(long_text));
	assert_true(n <= reply_head_room(&reply));
}

static void content_length_depends_on_the_status(void **state maybe_unused)
{
	assert_true(reply_has_length(200));
	assert_true(reply_has_length(503));
	assert_false(reply_has_length(204));
	assert_false(reply_has_length(304));
	assert_false(reply_has_length(101));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_written),
		cmocka_unit_test(reply_head_room_is_enough_for_the_longest_head),
		cmocka_unit_test(content_length_depends_on_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
