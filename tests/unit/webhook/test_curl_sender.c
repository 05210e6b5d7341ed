/* Requests of the sender to real servers on loopback. */
#include "sender_fixture.h"

#include <stdatomic.h>

#include <curl/curl.h>

#include "../net/tiny_server.h"

struct fixture {
	struct sender_fixture s;
	struct tiny_server server;
	atomic_int requests;
	atomic_int waiting; /* requests that the path /together has received */
	char request[TINY_REQUEST_MAX];
};

static const struct {
	const char *path, *bytes;
	bool keep_alive;
} fixed_responses[] = {
	{ " /200 ", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true },
	{ " /204 ", "HTTP/1.1 204 No Content\r\n\r\n", true },
	{ " /299 ", "HTTP/1.1 299 Fine\r\nContent-Length: 0\r\n\r\n", true },
	{ " /300 ", "HTTP/1.1 300 Choose\r\nContent-Length: 0\r\n\r\n", true },
	{ " /302 ", "HTTP/1.1 302 Found\r\nLocation: /200\r\nContent-Length: 0\r\n\r\n", true },
	{ " /399 ", "HTTP/1.1 399 Other\r\nContent-Length: 0\r\n\r\n", true },
	{ " /400 ", "HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nno!", true },
	{ " /410 ", "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", true },
	{ " /500 ", "HTTP/1.1 500 Error\r\nContent-Length: 0\r\n\r\n", true },
	{ " /interim ", "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		true },
	{ " /half ", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", false },
	{ " /half-head ", "HTTP/1.1 200", false },
	{ " /nothing ", "", false },
	{ " /nothttp ", "220 mail.example.com ESMTP\r\n", false },
	{ " /retry ", "HTTP/1.1 503 Wait\r\nRetry-After: 17\r\nContent-Length: 0\r\n\r\n", true },
	{ " /retry-0 ", "HTTP/1.1 503 Wait\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", true },
	{ " /retry-long ",
		"HTTP/1.1 429 Wait\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n", true },
	{ " /retry-date ",
		"HTTP/1.1 503 Wait\r\nRetry-After: Sun, 29 Nov 2026 19:47:22 GMT\r\nContent-Length: 0\r\n\r\n",
		true },
	{ " /retry-past ",
		"HTTP/1.1 503 Wait\r\nRetry-After: Sun, 29 Nov 2026 19:46:21 GMT\r\nContent-Length: 0\r\n\r\n",
		true },
	{ " /retry-own-clock ",
		"HTTP/1.1 503 Wait\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\n"
		"Retry-After: Tue, 01 Dec 2026 00:00:05 GMT\r\nContent-Length: 0\r\n\r\n",
		true },
	{ " /retry-bad ", "HTTP/1.1 503 Wait\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", true },
};

static void send_without_end(struct tiny_connection *c, const char *line)
{
	while (tiny_send_text(c, line))
		;
}

/* Sends one byte after the other, too slowly for any time limit. */
static void send_slowly(struct tiny_connection *c)
{
	const struct timespec pause = { .tv_nsec = 20000000 };

	while (tiny_send_text(c, "x"))
		nanosleep(&pause, NULL);
}

static bool respond_specially(struct tiny_connection *c, const char *request)
{
	struct fixture *const f = c->server->script;
	static const char response_head[] = "HTTP/1.1 200 OK\r\nX-Long: ";

	if (strstr(request, " /silent ") != NULL)
		tiny_wait_for_end(c);
	else if (strstr(request, " /slow-head ") != NULL && tiny_send_text(c, response_head))
		send_slowly(c);
	else if (strstr(request, " /slow-body ") != NULL && tiny_send_text(c, "HTTP/1.1 200 OK\r\n\r\n"))
		send_slowly(c);
	else if (strstr(request, " /endless ") != NULL && tiny_send_text(c, "HTTP/1.1 201 Made\r\n\r\n"))
		send_without_end(c, "endless ");
	else if (strstr(request, " /endless-error ") != NULL && tiny_send_text(c, "HTTP/1.1 500 No\r\n\r\n"))
		send_without_end(c, "\xff\xfe");
	else if (strstr(request, " /endless-head ") != NULL && tiny_send_text(c, "HTTP/1.1 200 OK\r\n"))
		send_without_end(c, "X-More: and more\r\n");
	else if (strstr(request, " /together ") != NULL) {
		atomic_fetch_add(&f->waiting, 1);
		while (atomic_load(&f->waiting) < WEBHOOK_TRANSFERS_MAX)
			nanosleep(&(const struct timespec){ .tv_nsec = 1000000 }, NULL);
		return tiny_send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	}
	return false;
}

static bool respond(struct tiny_connection *c, const char *request)
{
	for (size_t i = 0; i < array_len(fixed_responses); i++)
		if (strstr(request, fixed_responses[i].path) != NULL)
			return tiny_send_text(c, fixed_responses[i].bytes) && fixed_responses[i].keep_alive;
	return respond_specially(c, request);
}

static void serve(struct tiny_connection *c)
{
	struct fixture *const f = c->server->script;
	char *const request = malloc(TINY_REQUEST_MAX);

	while (request != NULL && tiny_request(c, request, TINY_REQUEST_MAX)) {
		if (atomic_fetch_add(&f->requests, 1) == 0)
			memcpy(f->request, request, strlen(request) + 1);
		if (!respond(c, request))
			break;
	}
	free(request);
}

static int setup_with(void **state, void (*change)(struct curl_sender_conf *conf, struct fixture *f))
{
	static struct fixture f;
	struct curl_sender_conf conf;

	memset(&f, 0, sizeof(f));
	tiny_start(&f.server, serve, &f);
	conf = fixture_conf(&f.s, "127.0.0.0/8");
	if (change != NULL)
		change(&conf, &f);
	fixture_open(&f.s, &conf);
	*state = &f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, NULL);
}

static int teardown(void **state)
{
	struct fixture *const f = *state;

	fixture_close(&f->s);
	tiny_stop(&f->server);
	return 0;
}

static struct str url_of(struct fixture *f, const char *host, const char *path)
{
	return arena_printf(&f->s.arena, "http://%s:%d%s", host, f->server.port, path);
}

static void request_has_the_headers_of_standard_webhooks(void **state)
{
	static const char *const lines[] = { "POST /200 HTTP/1.1\r\n",
		"\r\ncontent-type: application/json\r\n", ("\r\nuser-agent: kycd/" KYCD_VERSION "\r\n"),
		"\r\nwebhook-id: evt_1\r\n", "\r\nwebhook-timestamp: 1795981582\r\n",
		"\r\nwebhook-signature: v1,abc v1,def\r\n", "\r\nContent-Length: 7\r\n",
		"\r\n\r\n{\"a\":1}" };
	static const char *const absent[] = { "Cookie", "Authorization", "Expect", "Accept-Encoding" };
	struct fixture *const f = *state;
	const struct webhook_transfer_result result = fixture_send(&f->s, url_of(f, "127.0.0.1", "/200"));

	assert_int_equal(result.http_status, 200);
	assert_int_equal(result.error, WEBHOOK_ERROR_NONE);
	assert_in_range(result.took.ms, 0, 10000);
	for (size_t i = 0; i < array_len(lines); i++)
		if (strstr(f->request, lines[i]) == NULL)
			fail_msg("%s is missing in %s", lines[i], f->request);
	for (size_t i = 0; i < array_len(absent); i++)
		assert_null(strcasestr(f->request, absent[i]));
}

static void answers_are_classified(void **state)
{
	static const struct {
		const char *path;
		int status;
		enum webhook_error error;
		int64_t retry_after_s;
	} rows[] = {
		{ "/200", 200, WEBHOOK_ERROR_NONE, 0 },
		{ "/204", 204, WEBHOOK_ERROR_NONE, 0 },
		{ "/299", 299, WEBHOOK_ERROR_NONE, 0 },
		{ "/300", 300, WEBHOOK_ERROR_REDIRECT, 0 },
		{ "/302", 302, WEBHOOK_ERROR_REDIRECT, 0 },
		{ "/399", 399, WEBHOOK_ERROR_REDIRECT, 0 },
		{ "/400", 400, WEBHOOK_ERROR_NONE, 0 },
		{ "/410", 410, WEBHOOK_ERROR_NONE, 0 },
		{ "/500", 500, WEBHOOK_ERROR_NONE, 0 },
		{ "/interim", 200, WEBHOOK_ERROR_NONE, 0 },
		{ "/half", 200, WEBHOOK_ERROR_BAD_RESPONSE, 0 },
		{ "/half-head", 0, WEBHOOK_ERROR_BAD_RESPONSE, 0 },
		{ "/nothing", 0, WEBHOOK_ERROR_BAD_RESPONSE, 0 },
		{ "/nothttp", 0, WEBHOOK_ERROR_BAD_RESPONSE, 0 },
		{ "/endless", 201, WEBHOOK_ERROR_NONE, 0 },
		{ "/endless-error", 500, WEBHOOK_ERROR_NONE, 0 },
		{ "/endless-head", 200, WEBHOOK_ERROR_BAD_RESPONSE, 0 },
		{ "/retry", 503, WEBHOOK_ERROR_NONE, 17 },
		{ "/retry-0", 503, WEBHOOK_ERROR_NONE, 0 },
		{ "/retry-long", 429, WEBHOOK_ERROR_NONE, 864000 },
		{ "/retry-date", 503, WEBHOOK_ERROR_NONE, 60 },
		{ "/retry-past", 503, WEBHOOK_ERROR_NONE, 0 },
		{ "/retry-own-clock", 503, WEBHOOK_ERROR_NONE, 5 },
		{ "/retry-bad", 503, WEBHOOK_ERROR_NONE, 0 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].path);
		const struct webhook_transfer_result result = fixture_send(
			&f->s, url_of(f, "127.0.0.1", rows[i].path));

		assert_string_equal(webhook_error_name(result.error), webhook_error_name(rows[i].error));
		assert_int_equal(result.http_status, rows[i].status);
		assert_int_equal(result.retry_after.ms, rows[i].retry_after_s * 1000);
		assert_int_equal(result.excerpt.n, 0); /* 127.0.0.0/8 is listed */
	}
	assert_int_equal(atomic_load(&f->requests), array_len(rows));
}

static void short_limits(struct curl_sender_conf *conf, struct fixture *f maybe_unused)
{
	conf->limit = milliseconds(300);
}

static int setup_short(void **state)
{
	return setup_with(state, short_limits);
}

static void short_connect_limit(struct curl_sender_conf *conf, struct fixture *f maybe_unused)
{
	conf->connect_limit = milliseconds(150);
}

static int setup_short_connect(void **state)
{
	return setup_with(state, short_connect_limit);
}

static void slow_answers_end_at_the_limit(void **state)
{
	static const struct {
		const char *path;
		int status;
	} rows[] = { { "/silent", 0 }, { "/slow-head", 0 }, { "/slow-body", 200 } };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].path);
		const struct webhook_transfer_result result = fixture_send(
			&f->s, url_of(f, "127.0.0.1", rows[i].path));

		assert_string_equal(webhook_error_name(result.error), "timeout");
		/* libcurl already knows the status of a head that is incomplete. */
		if (rows[i].status != 0)
			assert_int_equal(result.http_status, rows[i].status);
		assert_in_range(result.took.ms, 290, 5000);
	}
}

static int bound_socket(int *port, bool listens)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(address);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
	if (listens)
		assert_int_equal(listen(fd, 0), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void closed_port_is_connect_failed(void **state)
{
	struct fixture *const f = *state;
	int port;
	const int fd = bound_socket(&port, false);
	const struct webhook_transfer_result result = fixture_send(
		&f->s, arena_printf(&f->s.arena, "http://127.0.0.1:%d/", port));

	assert_string_equal(webhook_error_name(result.error), "connect_failed");
	assert_int_equal(result.http_status, 0);
	close(fd);
}

/* The queue of a listener that accepts nothing is full after a few connections; further ones get no answer.
 */
static void connection_that_is_not_answered_ends_at_the_connect_limit(void **state)
{
	struct fixture *const f = *state;
	int port, clients[4];
	const int fd = bound_socket(&port, true);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };

	address.sin_port = htons((uint16_t)port);
	for (size_t i = 0; i < array_len(clients); i++) {
		clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(clients[i], (const struct sockaddr *)&address, sizeof(address));
	}
	const struct webhook_transfer_result result = fixture_send(
		&f->s, arena_printf(&f->s.arena, "http://127.0.0.1:%d/", port));

	assert_string_equal(webhook_error_name(result.error), "timeout");
	assert_in_range(result.took.ms, 140, WEBHOOK_LIMIT.ms - 1000);
	for (size_t i = 0; i < array_len(clients); i++)
		close(clients[i]);
	close(fd);
}

static void as_many_as_permitted_are_in_flight_at_the_same_time(void **state)
{
	struct fixture *const f = *state;
	const struct webhook_transfer one_more = fixture_transfer(url_of(f, "127.0.0.1", "/200"));
	struct webhook_transfer_result results[WEBHOOK_TRANSFERS_MAX];
	bool seen[WEBHOOK_TRANSFERS_MAX] = { false };
	size_t n = 0;

	for (size_t i = 0; i < WEBHOOK_TRANSFERS_MAX; i++)
		fixture_start(&f->s, url_of(f, "127.0.0.1", "/together"), &seen[i]);
	assert_int_equal(f->s.sender->ops->start(f->s.sender, &one_more), ERR_BUSY);
	assert_int_equal(f->s.sender->ops->in_flight(f->s.sender), WEBHOOK_TRANSFERS_MAX);
	while (n < WEBHOOK_TRANSFERS_MAX)
		n += f->s.sender->ops->poll(
			f->s.sender, seconds(10), &f->s.arena, results + n, WEBHOOK_TRANSFERS_MAX - n);
	for (size_t i = 0; i < n; i++) {
		bool *const is_seen = results[i].owner;

		assert_int_equal(results[i].http_status, 200);
		assert_false(*is_seen);
		*is_seen = true;
	}
	assert_int_equal(f->s.sender->ops->in_flight(f->s.sender), 0);
}

static void connection_is_used_again(void **state)
{
	struct fixture *const f = *state;

	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_send(&f->s, url_of(f, "127.0.0.1", "/200")).http_status, 200);
	assert_int_equal(atomic_load(&f->server.accepted), 1);
	assert_int_equal(atomic_load(&f->requests), 3);
}

static void aborted_requests_have_no_results(void **state)
{
	struct fixture *const f = *state;
	struct webhook_transfer_result result;

	fixture_start(&f->s, url_of(f, "127.0.0.1", "/silent"), NULL);
	fixture_start(&f->s, url_of(f, "127.0.0.1", "/200"), NULL);
	assert_int_equal(f->s.sender->ops->poll(f->s.sender, seconds(10), &f->s.arena, &result, 1), 1);
	assert_int_equal(result.http_status, 200);
	fixture_start(&f->s, STR("not a URL"), NULL);
	f->s.sender->ops->abort_all(f->s.sender);
	assert_int_equal(f->s.sender->ops->in_flight(f->s.sender), 0);
	assert_int_equal(f->s.sender->ops->poll(f->s.sender, milliseconds(20), &f->s.arena, &result, 1), 0);
	assert_int_equal(fixture_send(&f->s, url_of(f, "127.0.0.1", "/204")).http_status, 204);
}

static void poll_ends_at_its_limit(void **state)
{
	struct fixture *const f = *state;
	const int64_t start = fixture_ticks(NULL);
	struct webhook_transfer_result result;

	assert_int_equal(f->s.sender->ops->poll(f->s.sender, milliseconds(50), &f->s.arena, &result, 1), 0);
	assert_in_range(fixture_ticks(NULL) - start, 49, 5000);
}

static void wake_sender(void *arg)
{
	struct webhook_sender *const sender = arg;

	nanosleep(&(const struct timespec){ .tv_nsec = 20000000 }, NULL);
	sender->ops->wake(sender);
}

static void another_thread_ends_poll(void **state)
{
	struct fixture *const f = *state;
	const int64_t start = fixture_ticks(NULL);
	struct webhook_transfer_result result;
	struct thread thread = { .running = false };

	assert_int_equal(thread_start(&thread, wake_sender, f->s.sender), OK);
	assert_int_equal(f->s.sender->ops->poll(f->s.sender, seconds(60), &f->s.arena, &result, 1), 0);
	assert_in_range(fixture_ticks(NULL) - start, 0, 30000);
	thread_join(&thread);
}

static void malformed_urls_are_refused(void **state)
{
	static const struct str urls[] = { STR_INIT(""), STR_INIT("ftp://127.0.0.1/"),
		STR_INIT("http://2130706433/"), STR_INIT("http://user@127.0.0.1/"),
		STR_INIT("http://127.0.0.1/\0x"), STR_INIT("http://127.0.0.1:0/") };
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(urls); i++) {
		const struct webhook_transfer_result result = fixture_send(&f->s, urls[i]);

		assert_string_equal(webhook_error_name(result.error), "url_refused");
	}
	assert_int_equal(atomic_load(&f->requests), 0);
}

#define SENDER_TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SENDER_TEST(request_has_the_headers_of_standard_webhooks, setup),
		SENDER_TEST(answers_are_classified, setup),
		SENDER_TEST(slow_answers_end_at_the_limit, setup_short),
		SENDER_TEST(closed_port_is_connect_failed, setup),
		SENDER_TEST(connection_that_is_not_answered_ends_at_the_connect_limit, setup_short_connect),
		SENDER_TEST(as_many_as_permitted_are_in_flight_at_the_same_time, setup),
		SENDER_TEST(connection_is_used_again, setup),
		SENDER_TEST(aborted_requests_have_no_results, setup),
		SENDER_TEST(poll_ends_at_its_limit, setup),
		SENDER_TEST(another_thread_ends_poll, setup),
		SENDER_TEST(malformed_urls_are_refused, setup),
	};

	/* A sender that obeyed these variables would fail every test. */
	setenv("http_proxy", "http://127.0.0.1:1", 1); /* NOLINT(concurrency-mt-unsafe) no threads yet */
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);  /* NOLINT(concurrency-mt-unsafe) no threads yet */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
