/* IP addresses as values. An IPv4 address is stored as its IPv4-mapped IPv6 address (::ffff:0:0/96), so that
 * one comparison works for both. Parses only literal addresses; does not resolve names. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

#define IP_BYTES 16
#define IP_TEXT_SIZE 46 /* with the final NUL */

struct ip {
	unsigned char bytes[IP_BYTES];
};

/* Parses "192.0.2.1" or "2001:db8::1", without brackets, port or zone. */
bool ip_read(struct str text, struct ip *out) must_use;
void ip_write(const struct ip *ip, char out[IP_TEXT_SIZE]);
/* `bytes` is the address in network byte order. */
struct ip ip_of_v4(const unsigned char bytes[4]);
bool ip_is_v4(const struct ip *ip);
/* Returns the address by which an Internet subscriber is counted: an IPv4 address itself, or the /64 prefix
 * of an IPv6 address. */
struct ip ip_subscriber(const struct ip *ip);

/* Returns whether the network with this prefix length (0 to 128; of an IPv4 network 96 to 128) contains `ip`.
 */
bool ip_net_has(const struct ip *net, int bits, const struct ip *ip);

/* A list of networks from a setting. */
#define IP_NETS_MAX 64

struct ip_nets {
	struct {
		struct ip net;
		int bits; /* prefix length of the IPv6 or IPv4-mapped address, 0 to 128 */
	} rows[IP_NETS_MAX];
	size_t n;
};

/* Parses e.g. "10.0.0.0/8, 2001:db8::1": addresses or CIDR blocks separated by commas, at most IP_NETS_MAX.
 * An empty text gives an empty list. Address bits after the prefix are ignored. */
bool ip_nets_read(struct str text, struct ip_nets *out) must_use;
/* Returns whether one of the networks contains the address. */
bool ip_nets_have(const struct ip_nets *nets, const struct ip *ip);
