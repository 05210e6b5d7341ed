/* Whether an IP address that somebody else names may be connected to: only globally reachable unicast
 * addresses, by IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890), and those of networks
 * that the operator has listed. Thread-safe. */
#pragma once

#include "base/attr.h"
#include "text/ip.h"

enum ip_reach {
	IP_REACH_REFUSED,
	IP_REACH_GLOBAL, /* globally reachable and not listed */
	IP_REACH_LISTED, /* in a listed network, whether globally reachable or not */
};

/* Returns the IPv4 address that is reached by way of an IPv6 address of a transition mechanism (NAT64, 6to4,
 * Teredo). Returns any other address unchanged; text/ip already stores an IPv4-mapped address as IPv4. */
struct ip ip_reached(const struct ip *ip);
/* Judges the address that ip_reached() returns, so that IPv4 inside IPv6 counts as IPv4. */
enum ip_reach ip_reach_of(const struct ip *ip, const struct ip_nets *listed) must_use;
