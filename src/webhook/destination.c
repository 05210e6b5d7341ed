#include "webhook/destination.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "text/ip_reach.h"

static bool ip_of_sockaddr(const struct sockaddr *address, struct ip *ip, int *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		*ip = ip_of_v4((const unsigned char *)&v4.sin_addr);
		*port = ntohs(v4.sin_port);
		return true;
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		memcpy(ip->bytes, &v6.sin6_addr, sizeof(ip->bytes));
		*port = ntohs(v6.sin6_port);
		return true;
	}
	return false;
}

static bool ip_equals(const struct ip *a, const struct ip *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool ip_is_unspecified(const struct ip *ip)
{
	static const struct ip v6 = { { 0 } };
	const struct ip v4 = ip_of_v4((const unsigned char[4]){ 0 });

	return ip_equals(ip, &v4) || ip_equals(ip, &v6);
}

/* 127.0.0.0/8 and ::1, all of which reach this machine, although interfaces list only 127.0.0.1. */
static bool ip_is_loopback(const struct ip *ip)
{
	struct ip_nets nets;

	return ip_nets_read(STR("127.0.0.0/8,::1"), &nets) && ip_nets_have(&nets, ip);
}

/* Returns whether the address belongs to this machine. If that cannot be read, it is assumed to. */
static bool ip_is_local(const struct ip *ip)
{
	struct ifaddrs *all;
	bool is_local = false;

	if (ip_is_loopback(ip))
		return true;
	if (getifaddrs(&all) != 0)
		return true;
	for (const struct ifaddrs *each = all; each != NULL && !is_local; each = each->ifa_next) {
		struct ip own;
		int port;

		is_local = each->ifa_addr != NULL && ip_of_sockaddr(each->ifa_addr, &own, &port) &&
			   ip_equals(&own, ip);
	}
	freeifaddrs(all);
	return is_local;
}

/* An unspecified destination reaches the listeners on every address of this machine, and so does each address
 * of this machine a listener on an unspecified one. */
static bool is_own_listener(const struct destination_rules *rules, const struct ip *ip, int port)
{
	for (size_t i = 0; i < rules->n_own; i++) {
		const struct webhook_listener *const own = &rules->own[i];

		if (own->port != port)
			continue;
		if (ip_equals(&own->ip, ip) || ip_is_unspecified(ip) ||
			(ip_is_unspecified(&own->ip) && ip_is_local(ip)))
			return true;
	}
	return false;
}

bool destination_is_allowed(
	const struct destination_rules *rules, const struct ip *ip, int port, bool is_plain)
{
	const enum ip_reach reach = ip_reach_of(ip, &rules->listed);
	const struct ip reached = ip_reached(ip);

	if (reach == IP_REACH_REFUSED || is_own_listener(rules, &reached, port))
		return false;
	return !is_plain || (rules->allow_plain && reach == IP_REACH_LISTED);
}

bool destination_sockaddr_is_allowed(
	const struct destination_rules *rules, const struct sockaddr *address, bool is_plain)
{
	struct ip ip;
	int port;

	return ip_of_sockaddr(address, &ip, &port) && destination_is_allowed(rules, &ip, port, is_plain);
}
