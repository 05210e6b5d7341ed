#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "provider/session_url.h"

static const struct str hosts[] = {
	STR_INIT("verify.didit.me"),
	STR_INIT("ports.example:8443"),
	STR_INIT("127.0.0.1"),
	STR_INIT("[::1]:8080"),
	STR_INIT("sandbox"),
	STR_INIT("10.0.0.5:80"),
};

static const struct {
	struct str url;
	bool strict, weak;
} rows[] = {
	{ STR_INIT("https://verify.didit.me/session/Ab3dEf6hIj9k"), true, true },
	{ STR_INIT("https://VERIFY.didit.me/session/Ab3dEf6hIj9k"), true, true },
	{ STR_INIT("https://verify.didit.me:444/session/a"), true, true },
	{ STR_INIT("https://ports.example:8443/s"), true, true },
	{ STR_INIT("https://ports.example:8444/s"), false, false },
	{ STR_INIT("https://ports.example/s"), false, false },
	{ STR_INIT("http://127.0.0.1:8080/sandbox/didit/session/a"), true, true },
	{ STR_INIT("http://[::1]:8080/s"), true, true },
	{ STR_INIT("http://[::1]:8081/s"), false, false },
	{ STR_INIT("http://verify.didit.me/session/a"), false, true },
	{ STR_INIT("http://sandbox:9000/s"), false, true },
	{ STR_INIT("http://10.0.0.5/s"), false, true },
	{ STR_INIT("https://10.0.0.5/s"), false, false },
	{ STR_INIT("http://localhost/s"), false, false },
	{ STR_INIT("https://evil.example/s"), false, false },
	{ STR_INIT("https://verify.didit.me.evil.example/s"), false, false },
	{ STR_INIT("https://xverify.didit.me/s"), false, false },
	{ STR_INIT("https://evil.example/verify.didit.me"), false, false },
	{ STR_INIT("https://verify.didit.me@evil.example/s"), false, false },
	{ STR_INIT("https://evil.example@verify.didit.me/s"), false, false },
	{ STR_INIT("https://evil.example\\@verify.didit.me/s"), false, false },
	{ STR_INIT("https://verify.didit.me\\.evil.example/s"), false, false },
	{ STR_INIT("https://evil.example#@verify.didit.me/"), false, false },
	{ STR_INIT("//verify.didit.me/s"), false, false },
	{ STR_INIT("verify.didit.me/s"), false, false },
	{ STR_INIT("javascript:alert(1)//verify.didit.me"), false, false },
	{ STR_INIT("ftp://verify.didit.me/s"), false, false },
	{ STR_INIT(" https://verify.didit.me/s"), false, false },
	{ STR_INIT("https://verify.didit.me/s s"), false, false },
	{ STR_INIT("https://verify.didit.me/s\r\nX: y"), false, false },
	{ STR_INIT("https://verify.didit.me/\"onload"), false, false },
	{ STR_INIT("https://verify.didit.me/\0"), false, false },
	{ STR_INIT("https://verify.didit.me/\xc3\xa9"), false, false },
	{ STR_INIT("https://"), false, false },
	{ STR_INIT(""), false, false },
};

static void only_urls_of_listed_hosts_are_allowed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct session_hosts strict = { hosts, array_len(hosts), false };
		const struct session_hosts weak = { hosts, array_len(hosts), true };

		if (session_url_is_allowed(&a, rows[i].url, &strict) != rows[i].strict)
			fail_msg("wrong result with strict settings: %.*s", STR_ARG(rows[i].url));
		if (session_url_is_allowed(&a, rows[i].url, &weak) != rows[i].weak)
			fail_msg("wrong result with weak settings: %.*s", STR_ARG(rows[i].url));
	}
	arena_finish(&a);
}

static void too_long_url_is_rejected(void **state)
{
	static char url[SESSION_URL_MAX + 2] = "https://verify.didit.me/";
	const struct session_hosts strict = { hosts, array_len(hosts), false };
	struct arena a;

	(void)state;
	memset(url + 24, 'x', sizeof(url) - 24);
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_true(session_url_is_allowed(&a, (struct str){ url, SESSION_URL_MAX }, &strict));
	assert_false(session_url_is_allowed(&a, (struct str){ url, SESSION_URL_MAX + 1 }, &strict));
	arena_finish(&a);
}

static void empty_host_list_allows_no_url(void **state)
{
	const struct session_hosts none = { NULL, 0, true };
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_false(session_url_is_allowed(&a, rows[0].url, &none));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_urls_of_listed_hosts_are_allowed),
		cmocka_unit_test(too_long_url_is_rejected),
		cmocka_unit_test(empty_host_list_allows_no_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
