#include "main/config/console_url.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"
#include "main/config/console_place.h"

/* clang-format off */
static const struct {
	const char *url;
	const char *fault; /* a part of the form that the URL must have; NULL: it is valid */
} rows[] = {
	{ "https://console.example.com",      NULL },
	{ "https://console.example.com/",     NULL },
	{ "https://console.example.com:8443", NULL },
	{ "HTTPS://Console.Example.com",      NULL },
	{ "https://console",                  NULL },
	{ "https://localhost:8443",           NULL },
	{ "https://10.example.com",           NULL },
	{ "https://10.0.0.1x",                NULL },
	{ "",                                 "https://" },
	{ "console.example.com",              "https://" },
	{ "http://console.example.com",       "https://" },
	{ "http://localhost:8080",            "https://" },
	{ "https://10.0.0.1",                 "IP address" },
	{ "https://10.0.0.1:8443",            "IP address" },
	{ "https://167772161",                "IP address" },
	{ "https://console.1",                "IP address" },
	{ "https://0x0a000001",               "IP address" },
	{ "https://[::1]",                    "IP address" },
	{ "https://[2001:db8::1]:8443",       "IP address" },
	{ "https://user@console.example.com", "without user" },
	{ "https://",                         "host name" },
	{ "https://console_1.example.com",    "host name" },
	{ "https://console.example.com.",     "host name" },
	{ "https://k\xc3\xb6ln.example",      "host name" },
	{ "https://console.example.com:0",    "port" },
	{ "https://console.example.com:",     "port" },
	{ "https://console.example.com/x",    "without path" },
	{ "https://console.example.com?x",    "without path" },
	{ "https://console.example.com#x",    "without path" },
};
/* clang-format on */

static void the_url_is_https_with_a_host_name_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const fault = console_url_fault(str_of(rows[i].url));

		print_message("# %s\n", rows[i].url);
		assert_int_equal(fault == NULL, rows[i].fault == NULL);
		if (fault && rows[i].fault)
			assert_non_null(strstr(fault, rows[i].fault));
	}
}

static void the_host_of_an_origin_has_no_port(void **state)
{
	(void)state;
	assert_true(
		str_eq(console_host(STR("https://console.example.com:8443")), STR("console.example.com")));
	assert_true(str_eq(console_host(STR("https://console.example.com")), STR("console.example.com")));
	assert_true(str_eq(console_host(STR("http://localhost:8080")), STR("localhost")));
}

/* clang-format off */
static const struct {
	const char *name;
	struct config config;
	const char *origin; /* NULL: there is none */
	bool served;
} origins[] = {
	{ "no settings",                { .listen = STR_INIT("127.0.0.1:8080") }, NULL, false },
	{ "a URL",                      { .console_url = STR_INIT("https://a.example") }, "https://a.example", false },
	{ "a URL and a listener",       { .console_url = STR_INIT("https://A.example:443"), .console_listen = STR_INIT("127.0.0.1:8082") }, "https://a.example", true },
	{ "development mode",           { .listen = STR_INIT("127.0.0.1:8080"), .dev = true, .console_url = STR_INIT("https://a.example") }, "http://localhost:8080", true },
	{ "development mode on IPv6",   { .listen = STR_INIT("[::1]:18080"), .dev = true }, "http://localhost:18080", true },
	{ "development mode on port 80", { .listen = STR_INIT("127.0.0.1:80"), .dev = true }, "http://localhost", true },
	{ "open development mode",      { .listen = STR_INIT("127.0.0.1:8080"), .dev = true, .dev_open = true }, NULL, false },
	{ "dev_open without --dev",     { .console_url = STR_INIT("https://a.example"), .console_listen = STR_INIT("127.0.0.1:8082"), .dev_open = true }, "https://a.example", true },
};
/* clang-format on */

static void the_origin_comes_from_the_url_or_in_development_mode_from_the_port(void **state)
{
	char origin[SITE_SIZE];

	(void)state;
	for (size_t i = 0; i < array_len(origins); i++) {
		print_message("# %s\n", origins[i].name);
		assert_int_equal(console_origin(&origins[i].config, origin), origins[i].origin != NULL);
		if (origins[i].origin)
			assert_string_equal(origin, origins[i].origin);
		assert_int_equal(console_is_served(&origins[i].config), origins[i].served);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_url_is_https_with_a_host_name_and_nothing_else),
		cmocka_unit_test(the_host_of_an_origin_has_no_port),
		cmocka_unit_test(the_origin_comes_from_the_url_or_in_development_mode_from_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
