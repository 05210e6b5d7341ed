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

/* Waits for us in the system until we accept; the system cuts it down to its own limit. */
#define BACKLOG 4096
#define PORT_MAX 65535

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_storage storage;
};

static enum err address_of(struct str host, struct str port, union address *out, socklen_t *size)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	char name[IP_TEXT_SIZE + 16], service[6]; /* an IPv6 address may name its interface */
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

static enum err refusal_of_system(void)
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
	union address bound = { .storage = { 0 } };
	socklen_t size = sizeof(bound);

	if (getsockname(fd, &bound.any, &size) != 0)
		return 0;
	return ntohs(bound.any.sa_family == AF_INET6 ? bound.six.sin6_port : bound.four.sin_port);
}

enum err listener_open(struct str host, struct str port, int *fd, int *bound_port)
{
	const int on = 1;
	union address address = { .storage = { 0 } };
	socklen_t size;
	int s;

	TRY(address_of(host, port, &address, &size));
	s = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return errno == EAFNOSUPPORT ? ERR_INPUT : ERR_INTERNAL;
	if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
		bind(s, &address.any, size) != 0 || listen(s, BACKLOG) != 0) {
		const enum err e = refusal_of_system();

		close(s);
		return e;
	}
	*fd = s;
	*bound_port = port_of(s);
	return OK;
}

static struct accepted_conn newcomer_of(const union address *from, int fd)
{
	struct accepted_conn newcomer = { .fd = fd };

	if (from->any.sa_family == AF_INET6)
		memcpy(newcomer.ip.bytes, from->six.sin6_addr.s6_addr, IP_BYTES);
	else
		newcomer.ip = ip_of_v4((const unsigned char *)&from->four.sin_addr);
	return newcomer;
}

static enum accept_result trouble(int number, int *error)
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
	default: /* accept(2): what went wrong on the way is told here, and is no trouble of ours */
		return ACCEPT_ABORTED;
	}
}

enum accept_result listener_accept(int fd, struct accepted_conn *out, int *error)
{
	union address from = { .storage = { 0 } };
	socklen_t size = sizeof(from);
	const int s = accept4(fd, &from.any, &size, SOCK_CLOEXEC);

	if (s < 0)
		return trouble(errno, error);
	*out = newcomer_of(&from, s);
	return ACCEPT_OK;
}
