/* The header traceparent: its ids are logged with the request if it is well formed, and it is ignored
 * otherwise. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "kit/api_fixture.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define PARENT "00f067aa0ba902b7"
#define ZEROS_16 "0000000000000000"

static char request_line[1024];

static void store_request_line(void *arg, struct str line)
{
	(void)arg;
	if (memmem(line.p, line.n, " event=request ", 15))
		(void)snprintf(request_line, sizeof(request_line), "%.*s", STR_ARG(line));
}

static void send_with_traceparent(struct api_fixture *fx, const char *first, const char *second)
{
	struct test_request sent = { .method = METHOD_GET, .path = "/openapi.json" };

	if (first)
		sent.more_headers[0] = (struct header){ STR("Traceparent"), str_of(first) };
	if (second)
		sent.more_headers[1] = (struct header){ STR("traceparent"), str_of(second) };
	request_line[0] = '\0';
	log_sink_set(store_request_line, NULL);
	assert_int_equal(api_send(fx, &sent).status, 200);
	log_sink_set(NULL, NULL);
	assert_int_not_equal(request_line[0], '\0');
}

static void well_formed_header_is_logged(void **state)
{
	static const char *const rows[] = {
		"00-" TRACE "-" PARENT "-01",
		"00-" TRACE "-" PARENT "-00",
		" 00-" TRACE "-" PARENT "-01 ",
		/* later versions, which may have more fields */
		"cc-" TRACE "-" PARENT "-01",
		"cc-" TRACE "-" PARENT "-01-more",
		"cc-" TRACE "-" PARENT "-01-",
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i]);
		send_with_traceparent(fx, rows[i], NULL);
		assert_non_null(strstr(request_line, " trace_id=" TRACE " parent_id=" PARENT "\n"));
	}
}

/* Nothing of a malformed header is logged. */
static void malformed_header_is_ignored(void **state)
{
	static const char *const rows[] = {
		"",
		"00",
		"00-" TRACE,
		"00-" TRACE "-" PARENT,
		"00-" TRACE "-" PARENT "-0",
		"00-" TRACE "-" PARENT "-01-more",
		"00-" TRACE "-" PARENT "-01 ,",
		"0-" TRACE "-" PARENT "-01",
		"ff-" TRACE "-" PARENT "-01",
		"00-" ZEROS_16 ZEROS_16 "-" PARENT "-01",
		"00-" TRACE "-" ZEROS_16 "-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-" PARENT "-01",
		"00-" TRACE "-00F067AA0BA902B7-01",
		"00-" TRACE "-" PARENT "-0G",
		"00_" TRACE "_" PARENT "_01",
		"00-4bf92f3577b34da6a3ce929d0e0e473-" PARENT "-01",
		"00-" TRACE "6-" PARENT "-01",
		"cc-" TRACE "-" PARENT "-01.more",
		"person@example.com",
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i]);
		send_with_traceparent(fx, rows[i], NULL);
		assert_null(strstr(request_line, "trace_id"));
		assert_null(strstr(request_line, "4bf92f"));
		assert_null(strstr(request_line, "person"));
	}
	send_with_traceparent(fx, "00-" TRACE "-" PARENT "-01", "00-" TRACE "-" PARENT "-01");
	assert_null(strstr(request_line, "trace_id"));
	send_with_traceparent(fx, NULL, NULL);
	assert_null(strstr(request_line, "trace_id"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(well_formed_header_is_logged),
		TEST(malformed_header_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
