#include "http/listener.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Maximum number of connections that wait in the kernel until they are accepted; the kernel reduces it to its
 * own limit (net.core.somaxconn). */
#define BACKLOG 4096
#define PORT_MAX 65535

union sockaddr_any {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_storage storage;
};

static enum err parse_address(struct str host, struct str port, union sockaddr_any *out, socklen_t *size)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	/* An IPv6 address may include its interface, e.g. fe80::1%eth0. */
	char name[IP_TEXT_SIZE + 16], service[6];
	struct addrinfo *found;
	int64_t number;

	if (!str_number(port, PORT_MAX, &number) || !str_copy_to(port, service, sizeof(service)))
		return ERR_INPUT;
	if (host.n == 0 || !str_copy_to(host, name, sizeof(name)))
		return ERR_INPUT;
	if (getaddrinfo(name, service, &hints, &found) != 0)
		return ERR_INPUT;
	assert(found->ai_addrlen <= sizeof(*out));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*size = found->ai_addrlen;
	freeaddrinfo(found);
	return OK;
}

static enum err bind_error(void)
{
	switch (errno) {
	case EADDRINUSE:
		return ERR_CONFLICT;
	case EADDRNOTAVAIL:
		return ERR_INPUT;
	default:
		return ERR_INTERNAL;
	}
}

static int port_of(int fd)
{
	union sockaddr_any bound = { .storage = { 0 } };
	socklen_t size = sizeof(bound);

	if (getsockname(fd, &bound.any, &size) != 0)
		return 0;
	return ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
}

enum err listener_open(struct str host, struct str port, int *fd, int *bound_port)
{
	const int on = 1;
	union sockaddr_any address = { .storage = { 0 } };
	socklen_t size;
	int s;

	TRY(parse_address(host, port, &address, &size));
	s = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return errno == EAFNOSUPPORT ? ERR_INPUT : ERR_INTERNAL;
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(s, &address.any, size) != 0 || listen(s, BACKLOG) != 0) {
		const enum err e = bind_error();

		close(s);
		return e;
	}
	*fd = s;
	*bound_port = port_of(s);
	return OK;
}

static struct accepted_conn accepted_conn_of(const union sockaddr_any *from, int fd)
{
	struct accepted_conn conn = { .fd = fd };

	if (from->any.sa_family == AF_INET6)
		memcpy(conn.ip.bytes, from->six.sin6_addr.s6_addr, IP_BYTES);
	else
		conn.ip = ip_of_v4((const unsigned char *)&from->four.sin_addr);
	return conn;
}

static enum accept_result accept_error(int number, int *error)
{
	switch (number) {
	case EAGAIN:
		return ACCEPT_NONE;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		*error = number;
		return ACCEPT_NO_RESOURCES;
	default: /* accept(2) also returns errors of the new connection itself; the caller tries again */
		return ACCEPT_ABORTED;
	}
}

enum accept_result listener_accept(int fd, struct accepted_conn *out, int *error)
{
	union sockaddr_any from = { .storage = { 0 } };
	socklen_t size = sizeof(from);
	const int s = accept4(fd, &from.any, &size, SOCK_CLOEXEC);

	if (s < 0)
		return accept_error(errno, error);
	*out = accepted_conn_of(&from, s);
	return ACCEPT_OK;
}
