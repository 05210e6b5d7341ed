#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <curl/curl.h>

#include "net/probe.h"
#include "tiny_server.h"

#define LIMIT seconds(10)

struct fixture {
	struct tiny_server server;
	struct arena arena;
	atomic_int requests;
	atomic_bool secret_seen;
};

/* Sends a body that never ends. */
static void send_endless_body(struct tiny_connection *c)
{
	static const char block[8192];

	if (!tiny_send_text(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
		return;
	while (tiny_send(c, block, sizeof(block)))
		;
}

static void respond(struct tiny_connection *c, const char *request)
{
	if (strstr(request, " /dated ") != NULL)
		tiny_send_text(c,
			"HTTP/1.1 404 None\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /undated ") != NULL)
		tiny_send_text(c, "HTTP/1.1 200 OK\r\nDate: soon\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /redirect ") != NULL)
		tiny_send_text(c, "HTTP/1.1 302 Found\r\nLocation: /dated\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /endless ") != NULL)
		send_endless_body(c);
	else if (strstr(request, " /silent ") != NULL)
		tiny_wait_for_end(c);
}

static void serve(struct tiny_connection *c)
{
	struct fixture *f = c->server->script;
	char *request = malloc(TINY_REQUEST_MAX);

	if (request != NULL && tiny_request(c, request, TINY_REQUEST_MAX)) {
		atomic_fetch_add(&f->requests, 1);
		respond(c, request);
	}
	free(request);
}

/* A mail server without STARTTLS that records whether the client sends credentials or a mail message. */
static void serve_mail(struct tiny_connection *c)
{
	struct fixture *f = c->server->script;
	char line[512];

	if (!tiny_send_text(c, "220 mail.example ESMTP\r\n"))
		return;
	while (tiny_line(c, line, sizeof(line))) {
		atomic_fetch_add(&f->requests, 1);
		if (strstr(line, "AUTH") != NULL || strstr(line, "MAIL") != NULL)
			atomic_store(&f->secret_seen, true);
		if (!tiny_send_text(c, strncmp(line, "EHLO", 4) == 0
					       ? "250-mail.example\r\n250 AUTH PLAIN\r\n"
					       : "250 OK\r\n"))
			return;
	}
}

static int setup(void **state, void (*serve_connection)(struct tiny_connection *))
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	tiny_start(&f.server, serve_connection, &f);
	arena_init(&f.arena, ARENA_CALL_LIMIT);
	*state = &f;
	return 0;
}

static int setup_http(void **state)
{
	return setup(state, serve);
}

static int setup_mail(void **state)
{
	return setup(state, serve_mail);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	tiny_stop(&f->server);
	arena_finish(&f->arena);
	return 0;
}

static enum err probe(struct fixture *f, const char *path, duration limit, struct probe_result *out)
{
	const struct str url = arena_printf(&f->arena, "http://127.0.0.1:%d%s", f->server.port, path);

	return probe_http(url, false, limit, &f->arena, out);
}

static void status_and_date_are_read(void **state)
{
	struct fixture *f = *state;
	struct probe_result result;

	assert_int_equal(probe(f, "/dated", LIMIT, &result), OK);
	assert_int_equal(result.status, 404);
	assert_int_equal(result.date.ms, (int64_t)1767225601 * 1000);
	assert_int_equal(probe(f, "/undated", LIMIT, &result), OK);
	assert_int_equal(result.status, 200);
	assert_true(moment_is_unset(result.date));
}

static void redirects_are_not_followed(void **state)
{
	struct fixture *f = *state;
	struct probe_result result;

	assert_int_equal(probe(f, "/redirect", LIMIT, &result), OK);
	assert_int_equal(result.status, 302);
	assert_int_equal(atomic_load(&f->requests), 1);
}

static void endless_response_counts_as_a_response(void **state)
{
	struct probe_result result;

	assert_int_equal(probe(*state, "/endless", LIMIT, &result), OK);
	assert_int_equal(result.status, 200);
}

static void missing_response_is_an_upstream_error(void **state)
{
	struct probe_result result;

	assert_int_equal(probe(*state, "/silent", milliseconds(200), &result), ERR_UPSTREAM);
	assert_true(result.error.n > 0);
	assert_int_equal(probe(*state, "/hung-up", LIMIT, &result), ERR_UPSTREAM);
	assert_true(result.error.n > 0);
}

static void disallowed_urls_are_rejected_without_a_request(void **state)
{
	static const char *const urls[] = { "", "127.0.0.1", "ftp://127.0.0.1/", "smtp://127.0.0.1/",
		"http://192.0.2.1/", "http://kyc.example/", "file:///etc/passwd" };
	struct fixture *f = *state;
	struct probe_result result;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_int_equal(probe_http(str_of(urls[i]), false, LIMIT, &f->arena, &result), ERR_INPUT);
	assert_int_equal(probe(f, "/dated", milliseconds(0), &result), ERR_INPUT);
	assert_int_equal(atomic_load(&f->requests), 0);
}

static void no_certificate_without_tls(void **state)
{
	struct fixture *f = *state;
	moment ends;

	assert_int_equal(probe_certificate(STR("http://127.0.0.1/"), LIMIT, &ends), ERR_INPUT);
	assert_int_equal(probe_certificate(STR(""), LIMIT, &ends), ERR_INPUT);
	assert_int_equal(probe_certificate(arena_printf(&f->arena, "https://127.0.0.1:%d/", f->server.port),
				 milliseconds(500), &ends),
		ERR_UPSTREAM);
}

static void credentials_are_not_sent_to_a_mail_server(void **state)
{
	struct fixture *f = *state;
	const struct str url = arena_printf(&f->arena, "smtp://somebody:secret@127.0.0.1:%d", f->server.port);
	moment ends;

	assert_int_equal(probe_certificate(url, LIMIT, &ends), ERR_UPSTREAM);
	assert_true(atomic_load(&f->requests) > 0);
	assert_false(atomic_load(&f->secret_seen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(status_and_date_are_read, setup_http, teardown),
		cmocka_unit_test_setup_teardown(redirects_are_not_followed, setup_http, teardown),
		cmocka_unit_test_setup_teardown(endless_response_counts_as_a_response, setup_http, teardown),
		cmocka_unit_test_setup_teardown(missing_response_is_an_upstream_error, setup_http, teardown),
		cmocka_unit_test_setup_teardown(
			disallowed_urls_are_rejected_without_a_request, setup_http, teardown),
		cmocka_unit_test_setup_teardown(no_certificate_without_tls, setup_http, teardown),
		cmocka_unit_test_setup_teardown(
			credentials_are_not_sent_to_a_mail_server, setup_mail, teardown),
	};

	assert_int_equal(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
