#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "domain/site.h"

#define L10 "abcdefghij"
#define L63 L10 L10 L10 L10 L10 L10 "abc"
#define HOST_253 L63 "." L63 "." L63 "." L10 L10 L10 L10 L10 L10 "a"

static const struct {
	const char *url;
	enum site_form form;
	const char *site, *domain;
} rows[] = {
	{ "https://shop.example", SITE_VALID, "https://shop.example", "shop.example" },
	{ "https://shop.example/", SITE_VALID, "https://shop.example", "shop.example" },
	{ "HTTPS://Shop.Example:443/", SITE_VALID, "https://shop.example", "shop.example" },
	{ "https://shop.example:8443", SITE_VALID, "https://shop.example:8443", "shop.example:8443" },
	{ "https://shop.example:80", SITE_VALID, "https://shop.example:80", "shop.example:80" },
	{ "https://shop.example:65535", SITE_VALID, "https://shop.example:65535", "shop.example:65535" },
	{ "https://xn--bcher-kva.example", SITE_VALID, "https://xn--bcher-kva.example",
		"xn--bcher-kva.example" },
	{ "https://192.0.2.7", SITE_VALID, "https://192.0.2.7", "192.0.2.7" },
	{ "https://[2001:DB8::1]:444", SITE_VALID, "https://[2001:db8::1]:444", "[2001:db8::1]:444" },
	{ "https://" HOST_253 ":65535", SITE_VALID, "https://" HOST_253 ":65535", HOST_253 ":65535" },
	{ "http://localhost:3000", SITE_VALID, "http://localhost:3000", "localhost:3000" },
	{ "http://LOCALHOST:80", SITE_VALID, "http://localhost", "localhost" },
	{ "http://127.0.0.1:8080", SITE_VALID, "http://127.0.0.1:8080", "127.0.0.1:8080" },
	{ "http://[::1]:8080", SITE_VALID, "http://[::1]:8080", "[::1]:8080" },

	{ "", SITE_SCHEME, NULL, NULL },
	{ "shop.example", SITE_SCHEME, NULL, NULL },
	{ "http://shop.example", SITE_SCHEME, NULL, NULL },
	{ "http://localhost.shop.example", SITE_SCHEME, NULL, NULL },
	{ "ftp://shop.example", SITE_SCHEME, NULL, NULL },
	{ "javascript:alert(1)", SITE_SCHEME, NULL, NULL },
	{ " https://shop.example", SITE_SCHEME, NULL, NULL },
	{ "https:/shop.example", SITE_SCHEME, NULL, NULL },
	{ "https://shop.example@evil.example", SITE_USER, NULL, NULL },
	{ "https://user:pass@shop.example", SITE_USER, NULL, NULL },
	{ "https://", SITE_HOST, NULL, NULL },
	{ "https:///path", SITE_HOST, NULL, NULL },
	{ "https://:443", SITE_HOST, NULL, NULL },
	{ "https://.shop.example", SITE_HOST, NULL, NULL },
	{ "https://shop..example", SITE_HOST, NULL, NULL },
	{ "https://shop.example.", SITE_HOST, NULL, NULL },
	{ "https://-shop.example", SITE_HOST, NULL, NULL },
	{ "https://shop-.example", SITE_HOST, NULL, NULL },
	{ "https://*.shop.example", SITE_HOST, NULL, NULL },
	{ "https://shop_.example", SITE_HOST, NULL, NULL },
	{ "https://shop.example\n", SITE_HOST, NULL, NULL },
	{ "https://shop.example\\evil.example", SITE_HOST, NULL, NULL },
	{ "https://b\u00FCcher.example", SITE_HOST, NULL, NULL },
	{ "https://[::1", SITE_HOST, NULL, NULL },
	{ "https://[::1]x", SITE_HOST, NULL, NULL },
	{ "https://a" HOST_253, SITE_HOST, NULL, NULL },
	{ "https://shop.example:", SITE_PORT, NULL, NULL },
	{ "https://shop.example:0", SITE_PORT, NULL, NULL },
	{ "https://shop.example:0443", SITE_PORT, NULL, NULL },
	{ "https://shop.example:65536", SITE_PORT, NULL, NULL },
	{ "https://shop.example:https", SITE_PORT, NULL, NULL },
	{ "https://shop.example:443:443", SITE_PORT, NULL, NULL },
	{ "https://shop.example/app", SITE_PATH, NULL, NULL },
	{ "https://shop.example//", SITE_PATH, NULL, NULL },
	{ "https://shop.example?a", SITE_PATH, NULL, NULL },
	{ "https://shop.example#a", SITE_PATH, NULL, NULL },
};

static void origins_are_read_into_their_normal_form(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		char site[SITE_SIZE] = "untouched", again[SITE_SIZE];
		const enum site_form form = site_read(str_of(rows[i].url), site);

		if (form != rows[i].form || strcmp(site, rows[i].site ? rows[i].site : "untouched") != 0)
			fail_msg("%s: %d %s", rows[i].url, (int)form, site);
		assert_true(strlen(site_form_message(form)) > 0);
		if (form != SITE_VALID)
			continue;
		assert_true(str_eq(site_domain(str_of(site)), str_of(rows[i].domain)));
		assert_int_equal(site_read(str_of(site), again), SITE_VALID);
		assert_string_equal(again, site);
	}
}

static const struct {
	const char *site, *uri;
	bool is_of_site;
} uris[] = {
	{ "https://shop.example", "https://shop.example", true },
	{ "https://shop.example", "https://shop.example/", true },
	{ "https://shop.example", "https://SHOP.example:443/login?next=%2Fa#top", true },
	{ "https://shop.example", "https://shop.example?a=b@c:d", true },
	{ "https://shop.example:8443", "https://shop.example:8443/kyc", true },
	{ "http://localhost:3000", "http://localhost:3000/kyc", true },

	{ "https://shop.example", "", false },
	{ "https://shop.example", "/login", false },
	{ "https://shop.example", "//shop.example/login", false },
	{ "https://shop.example", "http://shop.example/", false },
	{ "https://shop.example", "https://shop.example:8443/", false },
	{ "https://shop.example:8443", "https://shop.example/", false },
	{ "https://shop.example", "https://www.shop.example/", false },
	{ "https://shop.example", "https://shop.example.evil.example/", false },
	{ "https://shop.example", "https://evil.example/shop.example", false },
	{ "https://shop.example", "https://shop.example@evil.example/", false },
	{ "https://shop.example", "https://evil.example\\@shop.example/", false },
	{ "https://shop.example", "https://evil.example#@shop.example/", false },
	{ "https://shop.example", "https://shop.example/a b", false },
	{ "https://shop.example", "https://shop.example/a\nNonce: 1", false },
	{ "https://shop.example", "https://shop.example/%zz", false },
	{ "https://shop.example", "https://shop.example/%2", false },
	{ "https://shop.example", "https://shop.example/#a#b", false },
	{ "https://shop.example", "https://shop.example/[a]", false },
	{ "https://shop.example", "https://shop.example/\u00E9", false },
	{ "https://shop.example", "https://shop.example\u200B/", false },
	{ "https://shop.example", "wss://shop.example/", false },
};

static void uri_belongs_to_the_site_with_its_origin(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(uris); i++)
		if (site_has_uri(str_of(uris[i].site), str_of(uris[i].uri)) != uris[i].is_of_site)
			fail_msg("%s %s", uris[i].site, uris[i].uri);
	assert_false(site_has_uri(STR("https://shop.example"), STR("https://shop.example/\0")));
}

static void uri_has_at_most_512_bytes(void **state maybe_unused)
{
	char uri[SITE_URI_MAX + 2];
	static const char start[] = "https://shop.example/";

	memset(uri, 'a', sizeof(uri));
	memcpy(uri, start, strlen(start));
	for (size_t n = SITE_URI_MAX - 1; n <= SITE_URI_MAX + 1; n++)
		assert_int_equal(
			site_has_uri(STR("https://shop.example"), (struct str){ uri, n }), n <= SITE_URI_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins_are_read_into_their_normal_form),
		cmocka_unit_test(uri_belongs_to_the_site_with_its_origin),
		cmocka_unit_test(uri_has_at_most_512_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
