#include "server_fixture.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD(line, length)                                                                                   \
	"HTTP/1.1 " line "\r\n" DATE_LINE "Content-Type: text/plain\r\nContent-Length: " length "\r\n"
#define OK_KEEP(length, body) HEAD("200 OK", length) "\r\n" body
#define OK_CLOSE(length, body) HEAD("200 OK", length) "Connection: close\r\n\r\n" body
#define REFUSED(line) HEAD(line, "7") "Connection: close\r\n\r\nrefused"

/* Each row has the bytes sent, the expected bytes, and whether the server then closes the connection. */
static void each_input_gets_the_expected_responses(void **state maybe_unused)
{
	static const struct {
		const char *name, *sent, *received;
		bool ends;
	} rows[] = {
		{ "one request", GET("/a?b"), OK_KEEP("11", "GET /a?b []"), false },
		{ "two pipelined requests", GET("/a") GET("/b"),
			OK_KEEP("10", "GET /a? []") OK_KEEP("10", "GET /b? []"), false },
		{ "HEAD", "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", HEAD("200 OK", "11") "\r\n", false },
		{ "HEAD and another request", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" GET("/b"),
			HEAD("200 OK", "10") "\r\n" OK_KEEP("10", "GET /b? []"), false },
		{ "a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy",
			OK_KEEP("12", "POST /? [xy]"), false },
		{ "close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
			OK_CLOSE("9", "GET /? []"), true },
		{ "input after Connection: close",
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/b"),
			OK_CLOSE("9", "GET /? []"), true },
		{ "the handler closes", GET("/close"), OK_CLOSE("14", "GET /close? []"), true },
		{ "HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", OK_CLOSE("9", "GET /? []"), true },
		{ "HTTP/1.0 with keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			HEAD("200 OK", "9") "Connection: keep-alive\r\n\r\nGET /? []", false },
		{ "no content", GET("/none"), "HTTP/1.1 204 No Content\r\n" DATE_LINE "\r\n", false },
		{ "the client's address", GET("/peer"), OK_KEEP("9", "127.0.0.1"), false },
		{ "malformed", "GET / HTTP/1.1\n", REFUSED("400 Bad Request"), true },
		{ "input after a refusal", "BAD\r\n\r\n" GET("/"), REFUSED("400 Bad Request"), true },
		{ "a valid and a rejected request", GET("/a") "GET / HTTP/3.0\r\n",
			OK_KEEP("10", "GET /a? []") REFUSED("505 HTTP Version Not Supported"), true },
		{ "too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
			REFUSED("413 Content Too Large"), true },
	};
	const struct server_conf conf = fixture_conf();
	char got[1000];

	fixture_start(&conf);
	for (size_t i = 0; i < array_len(rows); i++) {
		const int fd = connect_client();

		send_text(fd, rows[i].sent);
		receive_bytes(fd, got, sizeof(got), strlen(rows[i].received));
		if (strcmp(got, rows[i].received) != 0)
			fail_msg("%s: %s", rows[i].name, got);
		if (!rows[i].ends) {
			send_text(fd, GET("/still"));
			expect_bytes(fd, OK_KEEP("14", "GET /still? []"));
			shutdown(fd, SHUT_WR);
		}
		expect_end(fd);
		close_client(fd);
	}
	fixture_close();
}

static void incomplete_request_is_rejected(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int fd;

	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, "GET / HT");
	shutdown(fd, SHUT_WR);
	expect_bytes(fd, REFUSED("400 Bad Request"));
	expect_end(fd);
	close_client(fd);
	fixture_close();
}

static void body_is_read_after_100_continue(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int fd;

	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	expect_bytes(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	send_text(fd, "xy");
	expect_bytes(fd, OK_KEEP("11", "PUT /? [xy]"));
	send_text(fd, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
	expect_bytes(fd, REFUSED("413 Content Too Large"));
	expect_end(fd);
	close_client(fd);
	fixture_close();
}

/* The time limit applies to the whole request, even if the client keeps sending single bytes. */
static void slow_request_is_rejected_at_its_time_limit(void **state maybe_unused)
{
	static const char *const starts[] = { "G", "GET / HTTP/1.1\r\nHost: a\r\nx: ",
		"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
		GET("/a") "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n" };
	struct server_conf conf = fixture_conf();

	conf.limits.request = milliseconds(60);
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(starts); i++) {
		const int fd = connect_client();
		const int64_t started = system_ticks();

		send_text(fd, starts[i]);
		if (i == 3)
			expect_bytes(fd, OK_KEEP("10", "GET /a? []"));
		while (!is_readable(fd, 2) && system_ticks() < started + WAIT_MS)
			send_text(fd, "a");
		assert_true(system_ticks() - started >= 60);
		expect_bytes(fd, REFUSED("408 Request Timeout"));
		expect_end(fd);
		close_client(fd);
	}
	fixture_close();
}

static void idle_connection_is_closed_without_a_response(void **state maybe_unused)
{
	static const char *const before[] = { "", "\r\n", GET("/a") };
	struct server_conf conf = fixture_conf();

	conf.limits.idle = milliseconds(60);
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(before); i++) {
		const int fd = connect_client();
		const int64_t started = system_ticks();

		send_text(fd, before[i]);
		if (i == 2)
			expect_bytes(fd, OK_KEEP("10", "GET /a? []"));
		expect_end(fd);
		assert_true(system_ticks() - started >= 60);
		close_client(fd);
	}
	fixture_close();
}

static void connection_of_a_client_that_does_not_read_is_closed(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	int fd;

	conf.limits.write = milliseconds(60);
	fixture_start(&conf);
	fd = connect_client();
	for (int i = 0; i < 100; i++) /* 20 MB of responses: more than the kernel buffers */
		send_text(fd, GET("/large"));
	wait_for_connections(1);
	wait_for_connections(0);
	assert_true(fixture.served < 100);
	close_client(fd);
	fixture_close();
}

/* The client writes two megabytes before it reads, and still receives the error response. */
static void client_that_writes_before_reading_gets_the_413_response(void **state maybe_unused)
{
	static const char *const request_heads[] = {
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e8480\r\n",
	};
	static char large_body[2000000];
	const struct server_conf conf = fixture_conf();

	memset(large_body, 'x', sizeof(large_body));
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(request_heads); i++) {
		const int fd = connect_client();

		send_text(fd, request_heads[i]);
		send_bytes(fd, large_body, sizeof(large_body));
		expect_bytes(fd, REFUSED("413 Content Too Large"));
		expect_end(fd);
		close_client(fd);
	}
	fixture_close();
}

static void large_requests_and_responses_are_transferred(void **state maybe_unused)
{
	static char body[65536], got[300000];
	const struct server_conf conf = fixture_conf();
	int fd;

	memset(body, 'b', sizeof(body));
	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, "POST /peer HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n");
	send_bytes(fd, body, sizeof(body));
	expect_bytes(fd, OK_KEEP("9", "127.0.0.1"));
	send_text(fd, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_int_equal(receive_bytes(fd, got, sizeof(got), 0), strlen(OK_CLOSE("200000", "")) + 200000);
	close_client(fd);
	fd = connect_client();
	send_text(fd, "GET /header HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_true(receive_bytes(fd, got, sizeof(got), 0) > 5000);
	assert_non_null(strstr(got, "hhhh\r\nConnection: close\r\n\r\nGET /header? []"));
	close_client(fd);
	fixture_close();
}

static void served_callback_is_called_for_each_request(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int fd;

	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, GET("/a") GET("/b") "bad\r\n");
	shutdown(fd, SHUT_WR);
	expect_bytes(fd, OK_KEEP("10", "GET /a? []") OK_KEEP("10", "GET /b? []") REFUSED("400 Bad Request"));
	expect_end(fd);
	close_client(fd);
	wait_for_connections(0);
	assert_int_equal(fixture.served, 2);
	fixture_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_input_gets_the_expected_responses),
		cmocka_unit_test(incomplete_request_is_rejected),
		cmocka_unit_test(body_is_read_after_100_continue),
		cmocka_unit_test(slow_request_is_rejected_at_its_time_limit),
		cmocka_unit_test(idle_connection_is_closed_without_a_response),
		cmocka_unit_test(connection_of_a_client_that_does_not_read_is_closed),
		cmocka_unit_test(client_that_writes_before_reading_gets_the_413_response),
		cmocka_unit_test(large_requests_and_responses_are_transferred),
		cmocka_unit_test(served_callback_is_called_for_each_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
