#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/ip_reach.h"

static const struct ip_nets nothing = { .n = 0 };

static struct ip ip_of(const char *text)
{
	struct ip ip;

	if (!ip_read(str_of(text), &ip))
		fail_msg("%s is no address", text);
	return ip;
}

static void assert_reach(const char *address, const struct ip_nets *listed, enum ip_reach reach)
{
	const struct ip ip = ip_of(address);
	const enum ip_reach got = ip_reach_of(&ip, listed);

	if (got != reach)
		fail_msg("%s: %d instead of %d", address, (int)got, (int)reach);
}

/* Each row of a registry: its first and last address, the addresses beside it, and whether they are global.
 * An empty text: there is no such address. Written from the registries and not from the tables of the module.
 */
struct block {
	const char *before, *first, *last, *after;
	bool before_global, global, after_global;
};

#define T true
#define F false

/* clang-format off */
static const struct block v4_blocks[] = {
	{ "",                "0.0.0.0",         "0.255.255.255",   "1.0.0.0",         F, F, T },
	{ "9.255.255.255",   "10.0.0.0",        "10.255.255.255",  "11.0.0.0",        T, F, T },
	{ "100.63.255.255",  "100.64.0.0",      "100.127.255.255", "100.128.0.0",     T, F, T },
	{ "126.255.255.255", "127.0.0.0",       "127.255.255.255", "128.0.0.0",       T, F, T },
	{ "169.253.255.255", "169.254.0.0",     "169.254.255.255", "169.255.0.0",     T, F, T },
	{ "172.15.255.255",  "172.16.0.0",      "172.31.255.255",  "172.32.0.0",      T, F, T },
	{ "191.255.255.255", "192.0.0.0",       "192.0.0.7",       "192.0.0.8",       T, F, F },
	{ "192.0.0.7",       "192.0.0.8",       "192.0.0.8",       "192.0.0.9",       F, F, T },
	{ "192.0.0.8",       "192.0.0.9",       "192.0.0.10",      "192.0.0.11",      F, T, F },
	{ "192.0.0.169",     "192.0.0.170",     "192.0.0.171",     "192.0.0.172",     F, F, F },
	{ "192.0.0.254",     "192.0.0.255",     "192.0.0.255",     "192.0.1.0",       F, F, T },
	{ "192.0.1.255",     "192.0.2.0",       "192.0.2.255",     "192.0.3.0",       T, F, T },
	{ "192.31.195.255",  "192.31.196.0",    "192.31.196.255",  "192.31.197.0",    T, T, T },
	{ "192.52.192.255",  "192.52.193.0",    "192.52.193.255",  "192.52.194.0",    T, T, T },
	{ "192.88.98.255",   "192.88.99.0",     "192.88.99.255",   "192.88.100.0",    T, F, T },
	{ "192.88.99.1",     "192.88.99.2",     "192.88.99.2",     "192.88.99.3",     F, F, F },
	{ "192.167.255.255", "192.168.0.0",     "192.168.255.255", "192.169.0.0",     T, F, T },
	{ "192.175.47.255",  "192.175.48.0",    "192.175.48.255",  "192.175.49.0",    T, T, T },
	{ "198.17.255.255",  "198.18.0.0",      "198.19.255.255",  "198.20.0.0",      T, F, T },
	{ "198.51.99.255",   "198.51.100.0",    "198.51.100.255",  "198.51.101.0",    T, F, T },
	{ "203.0.112.255",   "203.0.113.0",     "203.0.113.255",   "203.0.114.0",     T, F, T },
	{ "223.255.255.255", "224.0.0.0",       "239.255.255.255", "240.0.0.0",       T, F, F },
	{ "239.255.255.255", "240.0.0.0",       "255.255.255.255", "",                F, F, F },
};

#define ALL_ONES ":ffff:ffff:ffff:ffff:ffff:ffff"
#define HALF_ONES ":ffff:ffff:ffff:ffff"

static const struct block v6_blocks[] = {
	{ "",                         "::",               "::1",                           "::2",                F, F, F },
	{ "::ffff:0:0:ffff:ffff",     "::1:0:0:0",        "64:ff9a" ALL_ONES,              "64:ff9b:0:0:0:0:808:808", F, F, T },
	{ "64:ff9b::808:808",         "64:ff9b::1:0:0",   "64:ff9b:0:ffff" HALF_ONES,      "64:ff9b:1::",        T, F, F },
	{ "64:ff9b:0:ffff" HALF_ONES, "64:ff9b:1::",      "64:ff9b:1:ffff" HALF_ONES,      "64:ff9b:2::",        F, F, F },
	{ "ff:ffff" ALL_ONES,         "100::",            "100::" "ffff:ffff:ffff:ffff",   "100:0:0:1::",        F, F, F },
	{ "100::ffff:ffff:ffff:ffff", "100:0:0:1::",      "100::1" HALF_ONES,              "100:0:0:2::",        F, F, F },
	{ "1fff:ffff" ALL_ONES,       "2000::",           "2000:ffff" ALL_ONES,            "2001:1::",           F, T, F },
	{ "2001:1::",                 "2001:1::1",        "2001:1::3",                     "2001:1::4",          F, T, F },
	{ "2001:1:ffff" HALF_ONES ":ffff", "2001:2::",    "2001:2:0" HALF_ONES ":ffff",    "2001:2:1::",         F, F, F },
	{ "2001:2:ffff" HALF_ONES ":ffff", "2001:3::",    "2001:3:ffff" HALF_ONES ":ffff", "2001:4::",           F, T, F },
	{ "2001:4:111" HALF_ONES ":ffff", "2001:4:112::", "2001:4:112" HALF_ONES ":ffff",  "2001:4:113::",       F, T, F },
	{ "2001:f:ffff" HALF_ONES ":ffff", "2001:10::",   "2001:1f:ffff" HALF_ONES ":ffff", "2001:20::",         F, F, T },
	{ "2001:1f:ffff" HALF_ONES ":ffff", "2001:20::",  "2001:2f:ffff" HALF_ONES ":ffff", "2001:30::",         F, T, T },
	{ "2001:2f:ffff" HALF_ONES ":ffff", "2001:30::",  "2001:3f:ffff" HALF_ONES ":ffff", "2001:40::",         T, T, F },
	{ "2001:3f:ffff" HALF_ONES ":ffff", "2001:40::",  "2001:1ff:ffff" HALF_ONES ":ffff", "2001:200::",       T, F, T },
	{ "2001:db7:ffff" HALF_ONES ":ffff", "2001:db8::", "2001:db8:ffff" HALF_ONES ":ffff", "2001:db9::",      T, F, T },
	{ "2001:ffff" ALL_ONES,       "2002:808:808::",   "2002:808:808:ffff" HALF_ONES,   "2002:a00::",         T, T, F },
	{ "2002:ffff" ALL_ONES,       "2003::",           "2003:ffff" ALL_ONES,            "2004::",             F, T, T },
	{ "2620:4f:7fff:ffff" HALF_ONES, "2620:4f:8000::", "2620:4f:8000:ffff" HALF_ONES,  "2620:4f:8001::",     T, T, T },
	{ "3ffe:ffff" ALL_ONES,       "3fff::",           "3fff:fff:ffff:ffff" HALF_ONES,  "3fff:1000::",        T, F, T },
	{ "3fff:ffff" ALL_ONES,       "4000::",           "5eff:ffff" ALL_ONES,            "5f00::",             T, F, F },
	{ "5eff:ffff" ALL_ONES,       "5f00::",           "5f00:ffff" ALL_ONES,            "5f01::",             F, F, F },
	{ "fbff:ffff" ALL_ONES,       "fc00::",           "fdff:ffff" ALL_ONES,            "fe00::",             F, F, F },
	{ "fe7f:ffff" ALL_ONES,       "fe80::",           "febf:ffff" ALL_ONES,            "fec0::",             F, F, F },
	{ "febf:ffff" ALL_ONES,       "fec0::",           "feff:ffff" ALL_ONES,            "ff00::",             F, F, F },
	{ "feff:ffff" ALL_ONES,       "ff00::",           "ffff:ffff" ALL_ONES,            "",                   F, F, F },
};
/* clang-format on */

static void assert_block(const struct block *block)
{
	const struct {
		const char *address;
		bool global;
	} edges[] = { { block->before, block->before_global }, { block->first, block->global },
		{ block->last, block->global }, { block->after, block->after_global } };

	for (size_t i = 0; i < array_len(edges); i++)
		if (edges[i].address[0] != '\0')
			assert_reach(edges[i].address, &nothing,
				edges[i].global ? IP_REACH_GLOBAL : IP_REACH_REFUSED);
}

static void each_block_of_the_ipv4_registry_ends_where_it_should(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(v4_blocks); i++)
		assert_block(&v4_blocks[i]);
}

static void each_block_of_the_ipv6_registry_ends_where_it_should(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(v6_blocks); i++)
		assert_block(&v6_blocks[i]);
}

static void ipv4_inside_ipv6_counts_as_ipv4(void **state maybe_unused)
{
	static const struct {
		const char *address, *reached;
		enum ip_reach reach;
	} rows[] = {
		{ "::ffff:127.0.0.1", "127.0.0.1", IP_REACH_REFUSED },
		{ "::ffff:8.8.8.8", "8.8.8.8", IP_REACH_GLOBAL },
		{ "64:ff9b::127.0.0.1", "127.0.0.1", IP_REACH_REFUSED },
		{ "64:ff9b::a9fe:a9fe", "169.254.169.254", IP_REACH_REFUSED },
		{ "64:ff9b::8.8.8.8", "8.8.8.8", IP_REACH_GLOBAL },
		{ "2002:7f00:1::1", "127.0.0.1", IP_REACH_REFUSED },
		{ "2002:c0a8:1::", "192.168.0.1", IP_REACH_REFUSED },
		{ "2002:808:808:1:2:3:4:5", "8.8.8.8", IP_REACH_GLOBAL },
		/* Teredo: the last 32 bits are the client's address, inverted */
		{ "2001:0:808:808::80ff:fffe", "127.0.0.1", IP_REACH_REFUSED },
		{ "2001:0:808:808::f7f7:f7f7", "8.8.8.8", IP_REACH_GLOBAL },
		/* forms that are not reachable, whatever IPv4 address they contain */
		{ "::8.8.8.8", "::808:808", IP_REACH_REFUSED },
		{ "::127.0.0.1", "::7f00:1", IP_REACH_REFUSED },
		{ "::ffff:0:8.8.8.8", "::ffff:0:808:808", IP_REACH_REFUSED },
		{ "64:ff9b:1::8.8.8.8", "64:ff9b:1::808:808", IP_REACH_REFUSED },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct ip ip = ip_of(rows[i].address), reached = ip_reached(&ip);
		char text[IP_TEXT_SIZE];

		ip_write(&reached, text);
		if (!str_eq(str_of(text), str_of(rows[i].reached))) {
			const struct ip expected = ip_of(rows[i].reached);

			assert_memory_equal(reached.bytes, expected.bytes, IP_BYTES);
		}
		assert_reach(rows[i].address, &nothing, rows[i].reach);
	}
}

static void listed_networks_are_reachable(void **state maybe_unused)
{
	static const struct {
		const char *address;
		enum ip_reach reach;
	} rows[] = {
		{ "10.1.2.2", IP_REACH_REFUSED },
		{ "10.1.2.3", IP_REACH_LISTED },
		{ "10.1.2.4", IP_REACH_REFUSED },
		{ "192.167.255.255", IP_REACH_GLOBAL },
		{ "192.168.0.0", IP_REACH_LISTED },
		{ "192.168.255.255", IP_REACH_LISTED },
		{ "8.8.8.8", IP_REACH_LISTED },
		{ "::ffff:10.1.2.3", IP_REACH_LISTED },
		{ "64:ff9b::10.1.2.3", IP_REACH_LISTED },
		{ "64:ff9b::10.1.2.4", IP_REACH_REFUSED },
		{ "2002:a01:203::", IP_REACH_LISTED },
		{ "fd00::1", IP_REACH_LISTED },
		{ "fd01::1", IP_REACH_REFUSED },
	};
	struct ip_nets listed;

	assert_true(ip_nets_read(STR("10.1.2.3,192.168.0.0/16,8.8.8.0/24,fd00::/16"), &listed));
	for (size_t i = 0; i < array_len(rows); i++)
		assert_reach(rows[i].address, &listed, rows[i].reach);
}

static void all_of_ipv4_is_listed_without_ipv6(void **state maybe_unused)
{
	struct ip_nets listed;

	assert_true(ip_nets_read(STR("0.0.0.0/0"), &listed));
	assert_reach("127.0.0.1", &listed, IP_REACH_LISTED);
	assert_reach("::1", &listed, IP_REACH_REFUSED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_block_of_the_ipv4_registry_ends_where_it_should),
		cmocka_unit_test(each_block_of_the_ipv6_registry_ends_where_it_should),
		cmocka_unit_test(ipv4_inside_ipv6_counts_as_ipv4),
		cmocka_unit_test(listed_networks_are_reachable),
		cmocka_unit_test(all_of_ipv4_is_listed_without_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
