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
	atomic_int asked;
	atomic_bool secret_seen;
};

/* A body that never ends. */
static void say_on(struct tiny_connection *c)
{
	static const char block[8192];

	if (!tiny_say(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"))
		return;
	while (tiny_send(c, block, sizeof(block)))
		;
}

static void answer(struct tiny_connection *c, const char *request)
{
	if (strstr(request, " /dated ") != NULL)
		tiny_say(c,
			"HTTP/1.1 404 None\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /undated ") != NULL)
		tiny_say(c, "HTTP/1.1 200 OK\r\nDate: soon\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /redirect ") != NULL)
		tiny_say(c, "HTTP/1.1 302 Found\r\nLocation: /dated\r\nContent-Length: 0\r\n\r\n");
	else if (strstr(request, " /endless ") != NULL)
		say_on(c);
	else if (strstr(request, " /silent ") != NULL)
		tiny_wait_for_end(c);
}

static void serve(struct tiny_connection *c)
{
	struct fixture *f = c->server->script;
	char *request = malloc(TINY_REQUEST_MAX);

	if (request != NULL && tiny_request(c, request, TINY_REQUEST_MAX)) {
		atomic_fetch_add(&f->asked, 1);
		answer(c, request);
	}
	free(request);
}

/* A mail server without STARTTLS, that listens for what must not be said. */
static void serve_mail(struct tiny_connection *c)
{
	struct fixture *f = c->server->script;
	char line[512];

	if (!tiny_say(c, "220 mail.example ESMTP\r\n"))
		return;
	while (tiny_line(c, line, sizeof(line))) {
		atomic_fetch_add(&f->asked, 1);
		if (strstr(line, "AUTH") != NULL || strstr(line, "MAIL") != NULL)
			atomic_store(&f->secret_seen, true);
		if (!tiny_say(c, strncmp(line, "EHLO", 4) == 0 ? "250-mail.example\r\n250 AUTH PLAIN\r\n"
							       : "250 fine\r\n"))
			return;
	}
}

static int set_up(void **state, void (*how)(struct tiny_connection *))
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	tiny_start(&f.server, how, &f);
	arena_init(&f.arena, ARENA_CALL_LIMIT);
	*state = &f;
	return 0;
}

static int set_up_http(void **state)
{
	return set_up(state, serve);
}

static int set_up_mail(void **state)
{
	return set_up(state, serve_mail);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	tiny_stop(&f->server);
	arena_finish(&f->arena);
	return 0;
}

static enum err look(struct fixture *f, const char *path, duration limit, struct probe_result *out)
{
	const struct str url = arena_printf(&f->arena, "http://127.0.0.1:%d%s", f->server.port, path);

	return probe_http(url, false, limit, &f->arena, out);
}

static void status_and_date_are_read(void **state)
{
	struct fixture *f = *state;
	struct probe_result seen;

	assert_int_equal(look(f, "/dated", LIMIT, &seen), OK);
	assert_int_equal(seen.status, 404);
	assert_int_equal(seen.date.ms, (int64_t)1767225601 * 1000);
	assert_int_equal(look(f, "/undated", LIMIT, &seen), OK);
	assert_int_equal(seen.status, 200);
	assert_true(moment_is_unset(seen.date));
}

static void nothing_is_followed(void **state)
{
	struct fixture *f = *state;
	struct probe_result seen;

	assert_int_equal(look(f, "/redirect", LIMIT, &seen), OK);
	assert_int_equal(seen.status, 302);
	assert_int_equal(atomic_load(&f->asked), 1);
}

static void an_answer_without_end_is_one(void **state)
{
	struct probe_result seen;

	assert_int_equal(look(*state, "/endless", LIMIT, &seen), OK);
	assert_int_equal(seen.status, 200);
}

static void silence_ends_with_the_limit(void **state)
{
	struct probe_result seen;

	assert_int_equal(look(*state, "/silent", milliseconds(200), &seen), ERR_UPSTREAM);
	assert_true(seen.error.n > 0);
	assert_int_equal(look(*state, "/hung-up", LIMIT, &seen), ERR_UPSTREAM);
	assert_true(seen.error.n > 0);
}

static void what_may_not_be_called_is_not(void **state)
{
	static const char *const urls[] = { "", "127.0.0.1", "ftp://127.0.0.1/", "smtp://127.0.0.1/",
		"http://192.0.2.1/", "http://kyc.example/", "file:///etc/passwd" };
	struct fixture *f = *state;
	struct probe_result seen;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_int_equal(probe_http(str_of(urls[i]), false, LIMIT, &f->arena, &seen), ERR_INPUT);
	assert_int_equal(look(f, "/dated", milliseconds(0), &seen), ERR_INPUT);
	assert_int_equal(atomic_load(&f->asked), 0);
}

static void where_no_tls_is_no_certificate_is(void **state)
{
	struct fixture *f = *state;
	moment ends;

	assert_int_equal(probe_certificate(STR("http://127.0.0.1/"), LIMIT, &ends), ERR_INPUT);
	assert_int_equal(probe_certificate(STR(""), LIMIT, &ends), ERR_INPUT);
	assert_int_equal(probe_certificate(arena_printf(&f->arena, "https://127.0.0.1:%d/", f->server.port),
				 milliseconds(500), &ends),
		ERR_UPSTREAM);
}

static void a_mail_server_hears_no_secret(void **state)
{
	struct fixture *f = *state;
	const struct str url = arena_printf(&f->arena, "smtp://somebody:secret@127.0.0.1:%d", f->server.port);
	moment ends;

	assert_int_equal(probe_certificate(url, LIMIT, &ends), ERR_UPSTREAM);
	assert_true(atomic_load(&f->asked) > 0);
	assert_false(atomic_load(&f->secret_seen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(status_and_date_are_read, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_followed, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_without_end_is_one, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(silence_ends_with_the_limit, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(what_may_not_be_called_is_not, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(where_no_tls_is_no_certificate_is, set_up_http, tear_down),
		cmocka_unit_test_setup_teardown(a_mail_server_hears_no_secret, set_up_mail, tear_down),
	};

	assert_int_equal(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
