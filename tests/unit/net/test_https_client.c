#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <curl/curl.h>

#include "net/https_client.h"
#include "tiny_server.h"

struct fixture {
	struct tiny_server server;
	struct https_client *client;
	struct arena arena;
	atomic_int requests;
};

static void send_large_response(struct tiny_connection *c, size_t n, bool with_length)
{
	static const char block[8192];
	char response_head[128];

	snprintf(response_head, sizeof(response_head),
		"HTTP/1.1 200 OK\r\n%s%zu\r\nConnection: close\r\n\r\n",
		with_length ? "Content-Length: " : "X-Large: ", n);
	if (!tiny_send_text(c, response_head))
		return;
	for (size_t sent = 0; sent < n; sent += sizeof(block))
		if (!tiny_send(c, block, sizeof(block)))
			return;
}

static const struct {
	const char *path, *bytes;
	bool keep_alive;
} fixed_responses[] = {
	{ " /redirect ", "HTTP/1.1 302 Found\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n", true },
	{ " /busy ", "HTTP/1.1 429 Slow\r\nRetry-After: 17\r\nContent-Length: 2\r\n\r\nno", true },
	{ " /half ", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", false },
	{ " /half-error ", "HTTP/1.1 502 Bad\r\nContent-Length: 100\r\n\r\n<html>", false },
	{ " /half-chunk ", "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{", false },
	{ " /half-head ", "HTTP/1.1 200", false },
	{ " /nothttp ", "220 mail.example.com ESMTP\r\n", false },
};

/* Sends the response that the path of the request selects. Returns false if the connection is to be closed.
 */
static bool respond(struct tiny_connection *c, const char *request)
{
	for (size_t i = 0; i < array_len(fixed_responses); i++)
		if (strstr(request, fixed_responses[i].path) != NULL)
			return tiny_send_text(c, fixed_responses[i].bytes) && fixed_responses[i].keep_alive;
	if (strstr(request, " /echo ") != NULL)
		return tiny_reply(c, 200, "text/plain", request);
	if (strstr(request, " /huge-told ") != NULL)
		send_large_response(c, (size_t)10 * 1024 * 1024, true);
	else if (strstr(request, " /huge ") != NULL)
		send_large_response(c, (size_t)10 * 1024 * 1024, false);
	else if (strstr(request, " /exact ") != NULL)
		send_large_response(c, 8192, false);
	else if (strstr(request, " /silent ") != NULL)
		tiny_wait_for_end(c);
	return false;
}

static void serve(struct tiny_connection *c)
{
	struct fixture *f = c->server->script;
	char *request = malloc(TINY_REQUEST_MAX);

	while (request != NULL && tiny_request(c, request, TINY_REQUEST_MAX)) {
		atomic_fetch_add(&f->requests, 1);
		if (!respond(c, request))
			break;
	}
	free(request);
}

static int setup(void **state)
{
	static struct fixture f;
	const struct https_conf conf = { .calls_max = 4 };

	memset(&f, 0, sizeof(f));
	tiny_start(&f.server, serve, &f);
	if (https_open(&conf, &f.client) != OK)
		return -1;
	arena_init(&f.arena, ARENA_CALL_LIMIT);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	https_close(f->client);
	tiny_stop(&f->server);
	arena_finish(&f->arena);
	return 0;
}

static struct https_request request_to(struct fixture *f, const char *path)
{
	return (struct https_request){ .method = "GET",
		.url = arena_printf(&f->arena, "http://127.0.0.1:%d%s", f->server.port, path),
		.limit = seconds(10),
		.connect_limit = seconds(3),
		.reply_max = 65536 };
}

static void request_and_response_are_transferred(void **state)
{
	struct fixture *f = *state;
	const struct https_header headers[] = { { STR("X-One"), STR("1") }, { STR("X-Empty"), STR("") } };
	struct https_request r = request_to(f, "/echo");
	struct https_reply reply;
	enum https_error error;

	r.method = "POST";
	r.headers = headers;
	r.n_headers = array_len(headers);
	r.body = STR("{\"a\":1}");
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(error, HTTPS_OK);
	assert_int_equal(reply.status, 200);
	assert_true(str_eq(reply.content_type, STR("text/plain")));
	assert_int_equal(reply.retry_after.n, 0);
	assert_true(str_starts(reply.body, STR("POST /echo HTTP/1.1\r\n")));
	assert_true(str_ends(reply.body, STR("\r\n\r\n{\"a\":1}")));
	assert_non_null(strstr(reply.body.p, "\r\nX-One: 1\r\n"));
	assert_non_null(strstr(reply.body.p, "\r\nX-Empty:\r\n"));
}

static void redirect_is_returned_and_not_followed(void **state)
{
	struct fixture *f = *state;
	const struct https_request r = request_to(f, "/redirect");
	struct https_reply reply;
	enum https_error error;

	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(reply.status, 302);
	assert_int_equal(atomic_load(&f->requests), 1);
}

static void retry_after_header_is_returned(void **state)
{
	struct fixture *f = *state;
	const struct https_request r = request_to(f, "/busy");
	struct https_reply reply;
	enum https_error error;

	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(reply.status, 429);
	assert_true(str_eq(reply.retry_after, STR("17")));
	assert_true(str_eq(reply.body, STR("no")));
}

static const struct {
	const char *path;
	size_t reply_max;
	int64_t limit_ms;
	enum https_error error;
	int status; /* HTTP status expected in the reply: the one received before the failure, or 0 */
} failure_cases[] = {
	{ "/half", 65536, 10000, HTTPS_BROKEN, 200 },
	{ "/half-error", 65536, 10000, HTTPS_BROKEN, 502 },
	{ "/half-chunk", 65536, 10000, HTTPS_BROKEN, 201 },
	{ "/half-head", 65536, 10000, HTTPS_BROKEN, 0 },
	{ "/nothing-at-all", 65536, 10000, HTTPS_BROKEN, 0 },
	{ "/nothttp", 65536, 10000, HTTPS_NOT_HTTP, 0 },
	{ "/silent", 65536, 150, HTTPS_TIMEOUT, 0 },
	{ "/huge", 1048576, 10000, HTTPS_TOO_LARGE, 200 },
	{ "/huge-told", 1048576, 10000, HTTPS_TOO_LARGE, 200 },
	{ "/exact", 8191, 10000, HTTPS_TOO_LARGE, 200 },
};

static void each_failure_has_its_error_code(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < array_len(failure_cases); i++) {
		struct https_request r = request_to(f, failure_cases[i].path);
		struct https_reply reply = { .status = 77 };
		enum https_error error = HTTPS_OK;

		r.reply_max = failure_cases[i].reply_max;
		r.limit = milliseconds(failure_cases[i].limit_ms);
		if (https_call(f->client, &r, &f->arena, &reply, &error) != ERR_UPSTREAM ||
			error != failure_cases[i].error)
			fail_msg("%s: %d", failure_cases[i].path, (int)error);
		if (reply.status != failure_cases[i].status || reply.body.n != 0)
			fail_msg("%s: status %d", failure_cases[i].path, reply.status);
	}
}

static void response_of_exactly_the_size_limit_is_accepted(void **state)
{
	struct fixture *f = *state;
	struct https_request r = request_to(f, "/exact");
	struct https_reply reply;
	enum https_error error;

	r.reply_max = 8192;
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(reply.body.n, 8192);
}

static void closed_port_is_connect_failed(void **state)
{
	struct fixture *f = *state;
	struct https_request r = request_to(f, "/");
	struct https_reply reply;
	enum https_error error;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(address);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* The port is bound but not listening: no other process can use it, and connections are refused. */
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
	r.url = arena_printf(&f->arena, "http://127.0.0.1:%d/", ntohs(address.sin_port));
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), ERR_UPSTREAM);
	assert_int_equal(error, HTTPS_CONNECT_FAILED);
	close(fd);
}

static void send_smtp_greeting(struct tiny_connection *c)
{
	tiny_send_text(c, "220 mail.example.com ESMTP\r\n");
	tiny_wait_for_end(c);
}

static void tls_to_a_server_without_tls_is_a_tls_error(void **state)
{
	struct fixture *f = *state;
	struct tiny_server plain;
	struct https_request r = request_to(f, "/");
	struct https_reply reply;
	enum https_error error;

	tiny_start(&plain, send_smtp_greeting, NULL);
	r.url = arena_printf(&f->arena, "https://127.0.0.1:%d/", plain.port);
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), ERR_UPSTREAM);
	assert_int_equal(error, HTTPS_TLS);
	tiny_stop(&plain);
}

static const struct str disallowed_urls[] = {
	STR_INIT(""),
	STR_INIT("127.0.0.1/"),
	STR_INIT("//127.0.0.1/"),
	STR_INIT("/echo"),
	STR_INIT("ftp://127.0.0.1/"),
	STR_INIT("file:///etc/hostname"),
	STR_INIT("gopher://127.0.0.1/"),
	STR_INIT("http://93.184.215.14/"),
	STR_INIT("http://10.0.0.1/"),
	STR_INIT("http://example.com/"),
	STR_INIT("http://user@127.0.0.1/"),
	STR_INIT("http://user:pass@127.0.0.1/"),
	STR_INIT("http://127.0.0.1@10.0.0.1/"),
	STR_INIT("http://127.0.0.1:99999/"),
	STR_INIT("http://127.0.0.1\0.example.com/"),
	STR_INIT("http://127.0.0.1/a b"),
	STR_INIT("http://127.0.0.1/\r\nX: y"),
};

static void disallowed_urls_are_rejected(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < array_len(disallowed_urls); i++) {
		struct https_request r = request_to(f, "/echo");
		struct https_reply reply;
		enum https_error error = HTTPS_OK;

		r.url = disallowed_urls[i];
		if (https_call(f->client, &r, &f->arena, &reply, &error) != ERR_INPUT ||
			error != HTTPS_URL_REFUSED)
			fail_msg("%.*s", STR_ARG(disallowed_urls[i]));
	}
}

static void malformed_headers_are_rejected(void **state)
{
	static const struct https_header bad[] = {
		{ STR_INIT("X-A"), STR_INIT("1\r\nX-B: 2") },
		{ STR_INIT("X-A"), STR_INIT("1\n") },
		{ STR_INIT("X-A\r\nX-B"), STR_INIT("1") },
		{ STR_INIT("X A"), STR_INIT("1") },
		{ STR_INIT("X:A"), STR_INIT("1") },
		{ STR_INIT(""), STR_INIT("1") },
		{ STR_INIT("X-A"), STR_INIT("1\0002") },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < array_len(bad); i++) {
		struct https_request r = request_to(f, "/echo");
		struct https_reply reply;
		enum https_error error;

		r.headers = &bad[i];
		r.n_headers = 1;
		assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), ERR_INPUT);
	}
	assert_int_equal(atomic_load(&f->requests), 0);
}

static void proxy_environment_variables_are_ignored(void **state)
{
	struct fixture *f = *state;
	const struct https_request r = request_to(f, "/echo");
	struct https_reply reply;
	enum https_error error;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
}

static void get_reuses_the_connection_and_post_opens_a_new_one(void **state)
{
	struct fixture *f = *state;
	struct https_request r = request_to(f, "/echo");
	struct https_reply reply;
	enum https_error error;

	for (int i = 0; i < 5; i++)
		assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(atomic_load(&f->server.accepted), 1);
	r.method = "POST";
	r.body = STR("x");
	for (int i = 0; i < 3; i++)
		assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), OK);
	assert_int_equal(atomic_load(&f->server.accepted), 4);
}

static void zero_limits_are_rejected(void **state)
{
	struct fixture *f = *state;
	const struct https_conf conf = { .calls_max = 0 };
	struct https_client *client;
	struct https_request r = request_to(f, "/echo");
	struct https_reply reply;
	enum https_error error;

	assert_int_equal(https_open(&conf, &client), ERR_INPUT);
	r.limit = milliseconds(0);
	assert_int_equal(https_call(f->client, &r, &f->arena, &reply, &error), ERR_INPUT);
	https_close(NULL);
}

struct slow_call {
	struct fixture *f;
	struct https_client *client;
};

static void call_silent(void *arg)
{
	struct slow_call *slow = arg;
	struct arena a;
	char url[64];
	const struct https_request r = { .method = "GET",
		.url = { url, (size_t)snprintf(
				      url, sizeof(url), "http://127.0.0.1:%d/silent", slow->f->server.port) },
		.limit = seconds(20),
		.connect_limit = seconds(3),
		.reply_max = 100 };
	struct https_reply reply;
	enum https_error error;

	arena_init(&a, ARENA_CALL_LIMIT);
	(void)!https_call(slow->client, &r, &a, &reply, &error);
	arena_finish(&a);
}

static void call_is_busy_when_all_handles_are_in_use(void **state)
{
	struct fixture *f = *state;
	const struct https_conf conf = { .calls_max = 1 };
	struct slow_call slow = { .f = f };
	struct https_request r = request_to(f, "/echo");
	struct thread thread = { .running = false };
	struct https_reply reply;
	enum https_error error;

	assert_int_equal(https_open(&conf, &slow.client), OK);
	assert_int_equal(thread_start(&thread, call_silent, &slow), OK);
	for (int i = 0; atomic_load(&f->requests) == 0 && i < 50000000; i++)
		sched_yield();
	assert_int_equal(atomic_load(&f->requests), 1);
	r.limit = milliseconds(60);
	assert_int_equal(https_call(slow.client, &r, &f->arena, &reply, &error), ERR_BUSY);
	shutdown(f->server.connections[0]->fd, SHUT_RDWR);
	r.limit = seconds(10);
	assert_int_equal(https_call(slow.client, &r, &f->arena, &reply, &error), OK);
	thread_join(&thread);
	https_close(slow.client);
}

static const struct {
	struct str url;
	const char *scheme, *host, *port;
} url_cases[] = {
	{ STR_INIT("https://verify.didit.me/session/a"), "https", "verify.didit.me", "443" },
	{ STR_INIT("http://127.0.0.1:8080/x?y#z"), "http", "127.0.0.1", "8080" },
	{ STR_INIT("HTTP://127.1/"), "http", "127.0.0.1", "80" },
	{ STR_INIT("https://[::1]:9/"), "https", "[::1]", "9" },
	{ STR_INIT("ftp://a.example/"), NULL, NULL, NULL },
	{ STR_INIT("https://u@a.example/"), NULL, NULL, NULL },
	{ STR_INIT("a.example"), NULL, NULL, NULL },
	{ STR_INIT("https://"), NULL, NULL, NULL },
	{ STR_INIT(""), NULL, NULL, NULL },
};

static void urls_are_split_into_parts(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < array_len(url_cases); i++) {
		struct str scheme = STR("untouched"), host, port;
		const bool read = url_parts(&f->arena, url_cases[i].url, &scheme, &host, &port);

		if (read != (url_cases[i].scheme != NULL))
			fail_msg("%.*s", STR_ARG(url_cases[i].url));
		if (!read) {
			assert_true(str_eq(scheme, STR("untouched")));
			continue;
		}
		assert_string_equal(scheme.p, url_cases[i].scheme);
		assert_string_equal(host.p, url_cases[i].host);
		assert_string_equal(port.p, url_cases[i].port);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(request_and_response_are_transferred),
		TEST(redirect_is_returned_and_not_followed),
		TEST(retry_after_header_is_returned),
		TEST(each_failure_has_its_error_code),
		TEST(response_of_exactly_the_size_limit_is_accepted),
		TEST(closed_port_is_connect_failed),
		TEST(tls_to_a_server_without_tls_is_a_tls_error),
		TEST(disallowed_urls_are_rejected),
		TEST(malformed_headers_are_rejected),
		TEST(proxy_environment_variables_are_ignored),
		TEST(get_reuses_the_connection_and_post_opens_a_new_one),
		TEST(zero_limits_are_rejected),
		TEST(call_is_busy_when_all_handles_are_in_use),
		TEST(urls_are_split_into_parts),
	};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
