#include "text/ip_reach.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define V4_OFFSET 12 /* offset of the IPv4 address in its IPv4-mapped IPv6 address */

/* The rows of the registries. If several rows contain an address, the one with the longest prefix counts. A
 * row counts as global only if its column "Globally Reachable" is "True": deprecated blocks say "N/A". */

/* clang-format off */
/* https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast, which is no unicast address */
static const struct {
	uint32_t net;
	int bits;
	bool global;
} v4_rows[] = {
	{ 0x00000000,  8, false }, /* 0.0.0.0/8          RFC 791 3.2: "this network" */
	{ 0x0a000000,  8, false }, /* 10.0.0.0/8         RFC 1918: private use */
	{ 0x64400000, 10, false }, /* 100.64.0.0/10      RFC 6598: shared address space */
	{ 0x7f000000,  8, false }, /* 127.0.0.0/8        RFC 1122 3.2.1.3: loopback */
	{ 0xa9fe0000, 16, false }, /* 169.254.0.0/16     RFC 3927: link local */
	{ 0xac100000, 12, false }, /* 172.16.0.0/12      RFC 1918: private use */
	{ 0xc0000000, 24, false }, /* 192.0.0.0/24       RFC 6890 2.1: IETF protocol assignments; contains
	                              192.0.0.0/29 (RFC 7335), 192.0.0.8/32 (RFC 7600) and 192.0.0.170/31 (RFC 8880),
	                              which are not global either */
	{ 0xc0000009, 32, true  }, /* 192.0.0.9/32       RFC 7723: PCP anycast */
	{ 0xc000000a, 32, true  }, /* 192.0.0.10/32      RFC 8155: TURN anycast */
	{ 0xc0000200, 24, false }, /* 192.0.2.0/24       RFC 5737: documentation */
	{ 0xc01fc400, 24, true  }, /* 192.31.196.0/24    RFC 7535: AS112 */
	{ 0xc034c100, 24, true  }, /* 192.52.193.0/24    RFC 7450: AMT */
	{ 0xc0586300, 24, false }, /* 192.88.99.0/24     RFC 7526: deprecated 6to4 relay anycast; contains
	                              192.88.99.2/32 (RFC 6751), which is not global either */
	{ 0xc0a80000, 16, false }, /* 192.168.0.0/16     RFC 1918: private use */
	{ 0xc0af3000, 24, true  }, /* 192.175.48.0/24    RFC 7534: AS112 */
	{ 0xc6120000, 15, false }, /* 198.18.0.0/15      RFC 2544: benchmarking */
	{ 0xc6336400, 24, false }, /* 198.51.100.0/24    RFC 5737: documentation */
	{ 0xcb007100, 24, false }, /* 203.0.113.0/24     RFC 5737: documentation */
	{ 0xe0000000,  4, false }, /* 224.0.0.0/4        RFC 5771: multicast */
	{ 0xf0000000,  4, false }, /* 240.0.0.0/4        RFC 1112 4: reserved; contains 255.255.255.255/32, limited
	                              broadcast (RFC 8190, RFC 919 7) */
};

/* https://www.iana.org/assignments/iana-ipv6-special-registry, below 2000::/3, the only block from which global
 * unicast addresses are allocated (RFC 4291 2.4). Outside that block are, among others, ::1/128, ::/128 and ::/96
 * (RFC 4291), 64:ff9b:1::/48 (RFC 8215), 100::/64 (RFC 6666), 100:0:0:1::/64 (RFC 9780), 5f00::/16 (RFC 9602),
 * fc00::/7 (RFC 4193), fe80::/10 (RFC 4291), fec0::/10 (RFC 3879) and ff00::/8, multicast (RFC 4291). */
static const struct {
	struct ip net;
	int bits;
	bool global;
} v6_rows[] = {
	{ { { 0x00 } },                                              0, false }, /* what is not below 2000::/3 */
	{ { { 0x20 } },                                              3, true  }, /* 2000::/3           RFC 4291: global unicast */
	{ { { 0x20, 0x01 } },                                       23, false }, /* 2001::/23          RFC 2928: IETF protocol assignments;
	                                                                        contains 2001::/32 (RFC 4380: Teredo) and 2001:10::/28
	                                                                        (RFC 4843: deprecated ORCHID), which say "N/A" */
	{ { { 0x20, 0x01, 0, 1, [15] = 1 } },                      128, true  }, /* 2001:1::1/128      RFC 7723: PCP anycast */
	{ { { 0x20, 0x01, 0, 1, [15] = 2 } },                      128, true  }, /* 2001:1::2/128      RFC 8155: TURN anycast */
	{ { { 0x20, 0x01, 0, 1, [15] = 3 } },                      128, true  }, /* 2001:1::3/128      RFC 9665: DNS-SD SRP anycast */
	{ { { 0x20, 0x01, 0, 2 } },                                 48, false }, /* 2001:2::/48        RFC 5180: benchmarking */
	{ { { 0x20, 0x01, 0, 3 } },                                 32, true  }, /* 2001:3::/32        RFC 7450: AMT */
	{ { { 0x20, 0x01, 0, 4, 0x01, 0x12 } },                     48, true  }, /* 2001:4:112::/48    RFC 7535: AS112 */
	{ { { 0x20, 0x01, 0, 0x20 } },                              28, true  }, /* 2001:20::/28       RFC 7343: ORCHIDv2 */
	{ { { 0x20, 0x01, 0, 0x30 } },                              28, true  }, /* 2001:30::/28       RFC 9374: DRIP */
	{ { { 0x20, 0x01, 0x0d, 0xb8 } },                           32, false }, /* 2001:db8::/32      RFC 3849: documentation */
	{ { { 0x20, 0x02 } },                                       16, false }, /* 2002::/16          RFC 3056: 6to4, see v4_forms */
	{ { { 0x26, 0x20, 0, 0x4f, 0x80, 0 } },                     48, true  }, /* 2620:4f:8000::/48  RFC 7534: AS112 */
	{ { { 0x3f, 0xff } },                                       20, false }, /* 3fff::/20          RFC 9637: documentation */
};

/* IPv6 addresses by which an IPv4 address is reached. */
static const struct {
	struct ip net;
	int bits;
	size_t at;             /* offset of the IPv4 address in bytes */
	unsigned char inverted; /* 0xff: the bits of the IPv4 address are inverted */
} v4_forms[] = {
	{ { { 0, 0x64, 0xff, 0x9b } }, 96, 12, 0    }, /* 64:ff9b::/96  RFC 6052 2.1: NAT64 */
	{ { { 0x20, 0x02 } },          16, 2,  0    }, /* 2002::/16     RFC 3056 2: 6to4 */
	{ { { 0x20, 0x01 } },          32, 12, 0xff }, /* 2001::/32     RFC 4380 4: Teredo, the address of the client */
};
/* clang-format on */

struct ip ip_reached(const struct ip *ip)
{
	for (size_t i = 0; i < array_len(v4_forms); i++) {
		unsigned char v4[IP_BYTES - V4_OFFSET];

		if (!ip_net_has(&v4_forms[i].net, v4_forms[i].bits, ip))
			continue;
		memcpy(v4, ip->bytes + v4_forms[i].at, sizeof(v4));
		for (size_t n = 0; n < sizeof(v4); n++)
			v4[n] ^= v4_forms[i].inverted;
		return ip_of_v4(v4);
	}
	return *ip;
}

static bool v4_is_global(const struct ip *ip)
{
	const unsigned char *const b = ip->bytes + V4_OFFSET;
	const uint32_t address = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	int longest = 0;
	bool global = true;

	for (size_t i = 0; i < array_len(v4_rows); i++)
		if (v4_rows[i].bits > longest && (address ^ v4_rows[i].net) >> (32 - v4_rows[i].bits) == 0) {
			longest = v4_rows[i].bits;
			global = v4_rows[i].global;
		}
	return global;
}

static bool v6_is_global(const struct ip *ip)
{
	int longest = -1;
	bool global = false;

	for (size_t i = 0; i < array_len(v6_rows); i++)
		if (v6_rows[i].bits > longest && ip_net_has(&v6_rows[i].net, v6_rows[i].bits, ip)) {
			longest = v6_rows[i].bits;
			global = v6_rows[i].global;
		}
	return global;
}

enum ip_reach ip_reach_of(const struct ip *ip, const struct ip_nets *listed)
{
	const struct ip reached = ip_reached(ip);

	if (ip_nets_have(listed, &reached))
		return IP_REACH_LISTED;
	return (ip_is_v4(&reached) ? v4_is_global(&reached) : v6_is_global(&reached)) ? IP_REACH_GLOBAL
										      : IP_REACH_REFUSED;
}
