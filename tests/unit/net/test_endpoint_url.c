#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "net/endpoint_url.h"

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void assert_fault(
	struct str url, const struct endpoint_url_rules *rules, enum endpoint_url_fault expected)
{
	const enum endpoint_url_fault fault = endpoint_url_check(url, rules);

	if (fault != expected)
		fail_msg("%.*s: %.*s instead of %.*s", STR_ARG(url), STR_ARG(endpoint_url_fault_name(fault)),
			STR_ARG(endpoint_url_fault_name(expected)));
}

static const struct {
	struct str url;
	enum endpoint_url_fault fault;
} checks[] = {
	{ STR_INIT("https://example.com"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://example.com/"), ENDPOINT_URL_NONE },
	{ STR_INIT("HTTPS://Example.COM/hooks?a=b@c&d=[e]:%23"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://example.com?a=b"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://8.8.8.8/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://[2606:4700::1111]:8443/x"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://xn--bcher-kva.example/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://a_b.example/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://1.example/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://localhost/"), ENDPOINT_URL_NONE }, /* judged when it is resolved */
	{ STR_INIT("https://example.com:1/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://example.com:65535/"), ENDPOINT_URL_NONE },
	{ STR_INIT("https://" LABEL_63 ".example/"), ENDPOINT_URL_NONE },

	{ STR_INIT(""), ENDPOINT_URL_SCHEME },
	{ STR_INIT("example.com"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("//example.com/"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("https:/example.com/"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("https:example.com"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("ftp://example.com/"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("file:///etc/passwd"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("javascript:alert(1)"), ENDPOINT_URL_SCHEME },
	{ STR_INIT("http://example.com/"), ENDPOINT_URL_PLAINTEXT },
	{ STR_INIT("http://8.8.8.8/"), ENDPOINT_URL_PLAINTEXT },

	{ STR_INIT(" https://example.com/"), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com/ "), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com/a b"), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com/\r\nX: y"), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com\\@10.0.0.1/"), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com\0.example.net/"), ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://b\xc3\xbc"
		   "cher.example/"),
		ENDPOINT_URL_CHARACTER },
	{ STR_INIT("https://example.com/\x7f"), ENDPOINT_URL_CHARACTER },

	{ STR_INIT("https://user@example.com/"), ENDPOINT_URL_USER_INFO },
	{ STR_INIT("https://user:pass@example.com/"), ENDPOINT_URL_USER_INFO },
	{ STR_INIT("https://@example.com/"), ENDPOINT_URL_USER_INFO },
	{ STR_INIT("https://example.com@10.0.0.1/"), ENDPOINT_URL_USER_INFO },
	{ STR_INIT("https://example.com/#top"), ENDPOINT_URL_FRAGMENT },
	{ STR_INIT("https://example.com/#"), ENDPOINT_URL_FRAGMENT },
	{ STR_INIT("https://example.com#@10.0.0.1/"), ENDPOINT_URL_FRAGMENT },

	{ STR_INIT("https://"), ENDPOINT_URL_HOST_EMPTY },
	{ STR_INIT("https:///path"), ENDPOINT_URL_HOST_EMPTY },
	{ STR_INIT("https://:443/"), ENDPOINT_URL_HOST_EMPTY },
	{ STR_INIT("https://?x"), ENDPOINT_URL_HOST_EMPTY },
	{ STR_INIT("https://[]/"), ENDPOINT_URL_HOST_EMPTY },
	{ STR_INIT("https://./"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://.example.com/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://example..com/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://example.com./"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://exa%6dple.com/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://exam*ple.com/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://a" LABEL_63 ".example/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://[::1/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://[::1]x/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://[8.8.8.8]/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://[v1.x]/"), ENDPOINT_URL_HOST },
	{ STR_INIT("https://[fe80::1%25eth0]/"), ENDPOINT_URL_ZONE },
	{ STR_INIT("https://[fe80::1%eth0]/"), ENDPOINT_URL_ZONE },

	{ STR_INIT("https://2130706433/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://0/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://127.1/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://127.0.1/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://0177.0.0.1/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://127.0.0.01/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://0x7f.1/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://0x7f000001/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://0X7F000001/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://127.0.0.0x1/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://8.8.8.256/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://1.2.3.4.5/"), ENDPOINT_URL_HOST_NUMBER },
	{ STR_INIT("https://example.1/"), ENDPOINT_URL_HOST_NUMBER },

	{ STR_INIT("https://example.com:/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://example.com:0/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://example.com:65536/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://example.com:-1/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://example.com:44a/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://example.com:443:443/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://[2606:4700::1111]:0/"), ENDPOINT_URL_PORT },
	{ STR_INIT("https://[2606:4700::1111]:/"), ENDPOINT_URL_PORT },

	{ STR_INIT("https://127.0.0.1/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://10.0.0.1:8443/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://169.254.169.254/latest/meta-data/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://[::1]/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://[::ffff:127.0.0.1]/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://[64:ff9b::7f00:1]/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://[2002:7f00:1::]/"), ENDPOINT_URL_ADDRESS },
	{ STR_INIT("https://[fe80::1]/"), ENDPOINT_URL_ADDRESS },
};

static void each_refusal_names_its_cause(void **state maybe_unused)
{
	static const struct ip_nets nothing = { .n = 0 };
	static const struct endpoint_url_rules rules = { .listed = &nothing };
	for (size_t i = 0; i < array_len(checks); i++)
		assert_fault(checks[i].url, &rules, checks[i].fault);
}

static void listed_networks_may_be_named(void **state maybe_unused)
{
	static const struct {
		const char *url;
		bool allow_plain;
		enum endpoint_url_fault fault;
	} rows[] = {
		{ "https://10.0.0.1/", false, ENDPOINT_URL_NONE },
		{ "https://10.0.1.0/", false, ENDPOINT_URL_ADDRESS },
		{ "http://10.0.0.1/", false, ENDPOINT_URL_PLAINTEXT },
		{ "http://10.0.0.1/", true, ENDPOINT_URL_NONE },
		{ "http://10.0.1.0/", true, ENDPOINT_URL_ADDRESS },
		{ "http://8.8.8.8/", true, ENDPOINT_URL_PLAINTEXT },
		{ "http://[::ffff:10.0.0.1]/", true, ENDPOINT_URL_NONE },
		{ "http://internal.example/", true, ENDPOINT_URL_NONE }, /* judged when it is resolved */
		{ "http://internal.example/", false, ENDPOINT_URL_PLAINTEXT },
	};
	struct ip_nets listed;

	assert_true(ip_nets_read(STR("10.0.0.0/24"), &listed));
	for (size_t i = 0; i < array_len(rows); i++)
		assert_fault(str_of(rows[i].url),
			&(const struct endpoint_url_rules){ &listed, rows[i].allow_plain }, rows[i].fault);
}

static void url_may_have_512_bytes(void **state maybe_unused)
{
	static const struct ip_nets nothing = { .n = 0 };
	char url[ENDPOINT_URL_MAX + 1];

	memset(url, 'a', sizeof(url));
	memcpy(url, "https://example.com/", 20);
	for (size_t n = ENDPOINT_URL_MAX - 1; n <= ENDPOINT_URL_MAX + 1; n++)
		assert_fault((struct str){ url, n }, &(const struct endpoint_url_rules){ &nothing, false },
			n <= ENDPOINT_URL_MAX ? ENDPOINT_URL_NONE : ENDPOINT_URL_TOO_LONG);
}

static void url_is_split(void **state maybe_unused)
{
	static const struct {
		const char *url, *host;
		int port;
		bool is_plain, is_literal;
	} rows[] = {
		{ "https://example.com/x", "example.com", 443, false, false },
		{ "http://example.com", "example.com", 80, true, false },
		{ "https://Example.com:8443?x", "Example.com", 8443, false, false },
		{ "https://8.8.8.8", "8.8.8.8", 443, false, true },
		{ "https://[2606:4700::1111]:1/", "2606:4700::1111", 1, false, true },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct endpoint_url url;

		assert_int_equal(endpoint_url_parse(str_of(rows[i].url), &url), ENDPOINT_URL_NONE);
		assert_true(str_eq(url.host, str_of(rows[i].host)));
		assert_int_equal(url.port, rows[i].port);
		assert_int_equal(url.is_plain, rows[i].is_plain);
		assert_int_equal(url.is_literal, rows[i].is_literal);
	}
}

static void each_fault_has_a_word_and_a_sentence(void **state maybe_unused)
{
	for (enum endpoint_url_fault f = 0; f < ENDPOINT_URL_FAULT_COUNT; f++) {
		assert_true(endpoint_url_fault_name(f).n > 0);
		assert_true(endpoint_url_fault_explanation(f).n > 0);
		for (enum endpoint_url_fault other = 0; other < f; other++)
			assert_false(str_eq(endpoint_url_fault_name(f), endpoint_url_fault_name(other)));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_names_its_cause),
		cmocka_unit_test(listed_networks_may_be_named),
		cmocka_unit_test(url_may_have_512_bytes),
		cmocka_unit_test(url_is_split),
		cmocka_unit_test(each_fault_has_a_word_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
