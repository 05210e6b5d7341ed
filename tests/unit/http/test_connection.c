#include "served.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD(line, length)                                                                                   \
	"HTTP/1.1 " line "\r\n" DATE_LINE "Content-Type: text/plain\r\nContent-Length: " length "\r\n"
#define OK_(length, body) HEAD("200 OK", length) "\r\n" body
#define LAST(length, body) HEAD("200 OK", length) "Connection: close\r\n\r\n" body
#define REFUSED(line) HEAD(line, "7") "Connection: close\r\n\r\nrefused"

/* A row: what is said, what is heard, and whether that is the end. */
static void one_connection(void **state maybe_unused)
{
	static const struct {
		const char *name, *said, *heard;
		bool ends;
	} rows[] = {
		{ "one", GET("/a?b"), OK_("11", "GET /a?b []"), false },
		{ "two at once, in order", GET("/a") GET("/b"),
			OK_("10", "GET /a? []") OK_("10", "GET /b? []"), false },
		{ "HEAD", "HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", HEAD("200 OK", "11") "\r\n", false },
		{ "HEAD and the next", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" GET("/b"),
			HEAD("200 OK", "10") "\r\n" OK_("10", "GET /b? []"), false },
		{ "a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy",
			OK_("12", "POST /? [xy]"), false },
		{ "close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", LAST("9", "GET /? []"),
			true },
		{ "nothing behind a close",
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/b"),
			LAST("9", "GET /? []"), true },
		{ "the handler closes", GET("/close"), LAST("14", "GET /close? []"), true },
		{ "1.0", "GET / HTTP/1.0\r\n\r\n", LAST("9", "GET /? []"), true },
		{ "1.0 stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			HEAD("200 OK", "9") "Connection: keep-alive\r\n\r\nGET /? []", false },
		{ "no content", GET("/none"), "HTTP/1.1 204 No Content\r\n" DATE_LINE "\r\n", false },
		{ "who is there", GET("/peer"), OK_("9", "127.0.0.1"), false },
		{ "bad", "GET / HTTP/1.1\n", REFUSED("400 Bad Request"), true },
		{ "nothing behind a refusal", "BAD\r\n\r\n" GET("/"), REFUSED("400 Bad Request"), true },
		{ "an answer and a refusal", GET("/a") "GET / HTTP/3.0\r\n",
			OK_("10", "GET /a? []") REFUSED("505 HTTP Version Not Supported"), true },
		{ "too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
			REFUSED("413 Content Too Large"), true },
	};
	const struct server_conf conf = house_conf();
	char got[1000];

	house_start(&conf);
	for (size_t i = 0; i < array_len(rows); i++) {
		const int fd = client();

		respond(fd, rows[i].said);
		hear(fd, got, sizeof(got), strlen(rows[i].heard));
		if (strcmp(got, rows[i].heard) != 0)
			fail_msg("%s: %s", rows[i].name, got);
		if (!rows[i].ends) {
			respond(fd, GET("/still"));
			expect_bytes(fd, OK_("14", "GET /still? []"));
			shutdown(fd, SHUT_WR);
		}
		expect_end(fd);
		client_close(fd);
	}
	house_close();
}

static void half_a_request_is_refused(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int fd;

	house_start(&conf);
	fd = client();
	respond(fd, "GET / HT");
	shutdown(fd, SHUT_WR);
	expect_bytes(fd, REFUSED("400 Bad Request"));
	expect_end(fd);
	client_close(fd);
	house_close();
}

static void continues_before_the_body(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int fd;

	house_start(&conf);
	fd = client();
	respond(fd, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	expect_bytes(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	respond(fd, "xy");
	expect_bytes(fd, OK_("11", "PUT /? [xy]"));
	respond(fd, "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
	expect_bytes(fd, REFUSED("413 Content Too Large"));
	expect_end(fd);
	client_close(fd);
	house_close();
}

/* The whole request is due, however its bytes trickle. */
static void late_requests(void **state maybe_unused)
{
	static const char *const starts[] = { "G", "GET / HTTP/1.1\r\nHost: a\r\nx: ",
		"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
		GET("/a") "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n" };
	struct server_conf conf = house_conf();

	conf.limits.request = milliseconds(60);
	house_start(&conf);
	for (size_t i = 0; i < array_len(starts); i++) {
		const int fd = client();
		const int64_t begin = ticks_of_system();

		respond(fd, starts[i]);
		if (i == 3)
			expect_bytes(fd, OK_("10", "GET /a? []"));
		while (!readable(fd, 2) && ticks_of_system() < begin + WAIT_MS)
			respond(fd, "a");
		assert_true(ticks_of_system() - begin >= 60);
		expect_bytes(fd, REFUSED("408 Request Timeout"));
		expect_end(fd);
		client_close(fd);
	}
	house_close();
}

static void idle_connections_just_end(void **state maybe_unused)
{
	static const char *const before[] = { "", "\r\n", GET("/a") };
	struct server_conf conf = house_conf();

	conf.limits.idle = milliseconds(60);
	house_start(&conf);
	for (size_t i = 0; i < array_len(before); i++) {
		const int fd = client();
		const int64_t begin = ticks_of_system();

		respond(fd, before[i]);
		if (i == 2)
			expect_bytes(fd, OK_("10", "GET /a? []"));
		expect_end(fd);
		assert_true(ticks_of_system() - begin >= 60);
		client_close(fd);
	}
	house_close();
}

static void a_reader_that_takes_nothing(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	int fd;

	conf.limits.write = milliseconds(60);
	house_start(&conf);
	fd = client();
	for (int i = 0; i < 100; i++) /* 20 MB: more than the system holds for us */
		respond(fd, GET("/large"));
	until_connections(1);
	until_connections(0);
	assert_true(house.served < 100);
	client_close(fd);
	house_close();
}

/* The client writes two megabytes before it reads, and still hears why. */
static void a_flood_is_told(void **state maybe_unused)
{
	static const char *const heads[] = {
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e8480\r\n",
	};
	static char flood[2000000];
	const struct server_conf conf = house_conf();

	memset(flood, 'x', sizeof(flood));
	house_start(&conf);
	for (size_t i = 0; i < array_len(heads); i++) {
		const int fd = client();

		respond(fd, heads[i]);
		send_bytes(fd, flood, sizeof(flood));
		expect_bytes(fd, REFUSED("413 Content Too Large"));
		expect_end(fd);
		client_close(fd);
	}
	house_close();
}

static void large_answers_and_bodies(void **state maybe_unused)
{
	static char body[65536], got[300000];
	const struct server_conf conf = house_conf();
	int fd;

	memset(body, 'b', sizeof(body));
	house_start(&conf);
	fd = client();
	respond(fd, "POST /peer HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n");
	send_bytes(fd, body, sizeof(body));
	expect_bytes(fd, OK_("9", "127.0.0.1"));
	respond(fd, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_int_equal(hear(fd, got, sizeof(got), 0), strlen(LAST("200000", "")) + 200000);
	client_close(fd);
	fd = client();
	respond(fd, "GET /header HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	assert_true(hear(fd, got, sizeof(got), 0) > 5000);
	assert_non_null(strstr(got, "hhhh\r\nConnection: close\r\n\r\nGET /header? []"));
	client_close(fd);
	house_close();
}

static void each_answer_is_followed_up(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int fd;

	house_start(&conf);
	fd = client();
	respond(fd, GET("/a") GET("/b") "bad\r\n");
	shutdown(fd, SHUT_WR);
	expect_bytes(fd, OK_("10", "GET /a? []") OK_("10", "GET /b? []") REFUSED("400 Bad Request"));
	expect_end(fd);
	client_close(fd);
	until_connections(0);
	assert_int_equal(house.served, 2);
	house_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_connection),
		cmocka_unit_test(half_a_request_is_refused),
		cmocka_unit_test(continues_before_the_body),
		cmocka_unit_test(late_requests),
		cmocka_unit_test(idle_connections_just_end),
		cmocka_unit_test(a_reader_that_takes_nothing),
		cmocka_unit_test(a_flood_is_told),
		cmocka_unit_test(large_answers_and_bodies),
		cmocka_unit_test(each_answer_is_followed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
