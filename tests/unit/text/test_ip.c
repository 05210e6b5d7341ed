#include "text/ip.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

static struct ip ip_of(const char *text)
{
	struct ip ip;

	assert_true(ip_read(str_of(text), &ip));
	return ip;
}

static void addresses_are_read_and_written(void **state maybe_unused)
{
	static const struct {
		const char *text, *written, *subscriber; /* NULL: rejected */
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255", "255.255.255.255" },
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "::FFFF:c000:201", "192.0.2.1", "192.0.2.1" },
		{ "::1", "::1", "::" },
		{ "2001:DB8:0:0:1:2:3:4", "2001:db8::1:2:3:4", "2001:db8::" },
		{ "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::" },
		{ "", NULL, NULL },
		{ "192.0.2", NULL, NULL },
		{ "192.0.2.256", NULL, NULL },
		{ "192.0.2.1.1", NULL, NULL },
		{ "192.0.2.01", NULL, NULL },
		{ " 192.0.2.1", NULL, NULL },
		{ "192.0.2.1:80", NULL, NULL },
		{ "[::1]", NULL, NULL },
		{ "fe80::1%eth0", NULL, NULL },
		{ "::1::", NULL, NULL },
		{ "unknown", NULL, NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999", NULL, NULL },
		{ "0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255", "255.255.255.255" },
		{ "0000:0000:0000:0000:0000:ffff:255.255.255.2551", NULL, NULL },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		char text[IP_TEXT_SIZE];
		struct ip ip;

		if (rows[i].written == NULL) {
			assert_false(ip_read(str_of(rows[i].text), &ip));
			continue;
		}
		ip = ip_of(rows[i].text);
		ip_write(&ip, text);
		assert_string_equal(text, rows[i].written);
		assert_int_equal(ip_is_v4(&ip), strchr(rows[i].written, '.') != NULL);
		ip = ip_subscriber(&ip);
		ip_write(&ip, text);
		assert_string_equal(text, rows[i].subscriber);
	}
	assert_false(ip_read((struct str){ "::1\0", 4 }, &(struct ip){ { 0 } }));
}

static void network_contains_address(void **state maybe_unused)
{
	static const struct {
		const char *nets, *address;
		bool has;
	} rows[] = {
		{ "", "127.0.0.1", false },
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.0.0.2", false },
		{ "127.0.0.1/32", "::ffff:127.0.0.1", true },
		{ "::ffff:127.0.0.1/128", "127.0.0.1", true },
		{ "10.0.0.0/8", "10.255.255.255", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "9.255.255.255", false },
		{ "10.1.2.3/8", "10.9.9.9", true },
		{ "172.16.0.0/12", "172.31.255.255", true },
		{ "172.16.0.0/12", "172.32.0.0", false },
		{ "192.0.2.0/25", "192.0.2.127", true },
		{ "192.0.2.0/25", "192.0.2.128", false },
		{ "192.0.2.8/31", "192.0.2.9", true },
		{ "192.0.2.8/31", "192.0.2.10", false },
		{ "0.0.0.0/0", "203.0.113.7", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "2001:db8::1", true },
		{ "2001:db8::/32", "2001:db8:ffff::", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "2001:db8::/33", "2001:db8:7fff::", true },
		{ "2001:db8::/33", "2001:db8:8000::", false },
		{ "2001:db8::/127", "2001:db8::1", true },
		{ "2001:db8::/127", "2001:db8::2", false },
		{ "::1, 10.0.0.0/8 ,192.0.2.1", "192.0.2.1", true },
		{ "::1, 10.0.0.0/8 ,192.0.2.1", "10.2.3.4", true },
		{ "::1, 10.0.0.0/8 ,192.0.2.1", "::2", false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct ip ip = ip_of(rows[i].address);
		struct ip_nets nets;

		assert_true(ip_nets_read(str_of(rows[i].nets), &nets));
		if (ip_nets_have(&nets, &ip) != rows[i].has)
			fail_msg("expected that %s %s %s", rows[i].nets,
				rows[i].has ? "contains" : "does not contain", rows[i].address);
	}
}

static void invalid_networks_are_rejected(void **state maybe_unused)
{
	static const char *const texts[] = { ",", "10.0.0.0/8,", ",10.0.0.0/8", "10.0.0.0/", "10.0.0.0/33",
		"10.0.0.0/-1", "10.0.0.0/8/8", "::1/129", "/8", "localhost", "10.0.0.0 /8", "[::1]",
		"10.0.0.0/08x", " " };

	for (size_t i = 0; i < array_len(texts); i++) {
		struct ip_nets nets;

		if (ip_nets_read(str_of(texts[i]), &nets))
			fail_msg("%s was accepted", texts[i]);
	}
}

static void number_of_networks_is_limited(void **state maybe_unused)
{
	static const size_t end = (size_t)IP_NETS_MAX * 4 - 1; /* length of the longest valid list */
	char text[(IP_NETS_MAX + 1) * 4 + 1] = "";
	struct ip_nets nets;

	for (size_t i = 0; i < IP_NETS_MAX; i++)
		memcpy(text + i * 4, "::1,", 5);
	text[end] = '\0';
	assert_true(ip_nets_read(str_of(text), &nets));
	assert_int_equal(nets.n, IP_NETS_MAX);
	memcpy(text + end, ",::1", 5);
	assert_false(ip_nets_read(str_of(text), &nets));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(network_contains_address),
		cmocka_unit_test(invalid_networks_are_rejected),
		cmocka_unit_test(number_of_networks_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
