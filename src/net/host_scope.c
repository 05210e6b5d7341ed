#include "net/host_scope.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* clang-format off */
static const struct {
	uint32_t net, mask;
	enum host_scope scope;
} nets[] = {
	{ 0x7f000000, 0xff000000, HOST_SCOPE_LOOPBACK }, /* 127.0.0.0/8    RFC 1122 3.2.1.3 */
	{ 0x0a000000, 0xff000000, HOST_SCOPE_PRIVATE },  /* 10.0.0.0/8     RFC 1918 */
	{ 0xac100000, 0xfff00000, HOST_SCOPE_PRIVATE },  /* 172.16.0.0/12  RFC 1918 */
	{ 0xc0a80000, 0xffff0000, HOST_SCOPE_PRIVATE },  /* 192.168.0.0/16 RFC 1918 */
};
/* clang-format on */

static enum host_scope scope_of_v4(uint32_t address)
{
	for (size_t i = 0; i < array_len(nets); i++)
		if ((address & nets[i].mask) == nets[i].net)
			return nets[i].scope;
	return HOST_SCOPE_PUBLIC;
}

static enum host_scope scope_of_v6(const struct in6_addr *address)
{
	uint32_t last;

	if (IN6_IS_ADDR_LOOPBACK(address))
		return HOST_SCOPE_LOOPBACK;
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&last, address->s6_addr + 12, sizeof(last));
		return scope_of_v4(ntohl(last));
	}
	/* fc00::/7, RFC 4193 */
	return (address->s6_addr[0] & 0xfe) == 0xfc ? HOST_SCOPE_PRIVATE : HOST_SCOPE_PUBLIC;
}

enum host_scope host_scope_of(struct str host)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;
	struct in6_addr v6;

	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct str){ host.p + 1, host.n - 2 };
	if (str_eq_nocase(host, STR("localhost")))
		return HOST_SCOPE_LOOPBACK;
	if (!str_copy_to(host, text, sizeof(text)))
		return HOST_SCOPE_NAME;
	if (inet_pton(AF_INET, text, &v4) == 1)
		return scope_of_v4(ntohl(v4.s_addr));
	if (inet_pton(AF_INET6, text, &v6) == 1)
		return scope_of_v6(&v6);
	return HOST_SCOPE_NAME;
}

enum host_scope host_scope_of_sockaddr(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return scope_of_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return scope_of_v6(&v6.sin6_addr);
	}
	return HOST_SCOPE_PUBLIC;
}

bool host_allows_plaintext(struct str host, bool allow_private)
{
	const enum host_scope scope = host_scope_of(host);

	return scope == HOST_SCOPE_LOOPBACK || (allow_private && scope != HOST_SCOPE_PUBLIC);
}

bool sockaddr_allows_plaintext(const struct sockaddr *address, bool allow_private)
{
	const enum host_scope scope = host_scope_of_sockaddr(address);

	return scope == HOST_SCOPE_LOOPBACK || (allow_private && scope == HOST_SCOPE_PRIVATE);
}
