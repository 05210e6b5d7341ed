/* IP addresses as values: IPv4 as the IPv6 address that maps it (::ffff:0:0/96), so that one comparison does
 * for both. Literals alone; no names, no look-ups. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

#define IP_BYTES 16
#define IP_TEXT_SIZE 46 /* with its 0 */

struct ip {
	unsigned char bytes[IP_BYTES];
};

/* "192.0.2.1", "2001:db8::1"; without brackets, port or zone. */
bool ip_read(struct str text, struct ip *out) must_use;
void ip_write(const struct ip *ip, char out[IP_TEXT_SIZE]);
/* The four bytes as they stand in a packet. */
struct ip ip_of_v4(const unsigned char bytes[4]);
bool ip_is_v4(const struct ip *ip);
/* What one subscriber has: an IPv4 address, or the /64 of an IPv6 address. */
struct ip ip_subscriber(const struct ip *ip);

/* A list of networks, as an operator writes it. */
#define IP_NETS_MAX 64

struct ip_nets {
	struct {
		struct ip net;
		int bits; /* of the mapped form */
	} rows[IP_NETS_MAX];
	size_t n;
};

/* "10.0.0.0/8, 2001:db8::1": addresses or CIDRs separated by commas, at most IP_NETS_MAX; the empty text is
 * none. Bits beyond the prefix do not matter. */
bool ip_nets_read(struct str text, struct ip_nets *out) must_use;
bool ip_nets_have(const struct ip_nets *nets, const struct ip *ip);
