#include "http/socket_io.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "base/attr.h"

/* How often one call of socket_write waits for a client that reads only a little each time. */
#define WRITE_WAITS_MAX 6
/* A response of several times the send buffer, such as a list that an operator exports, makes the call wait
 * for a fast client too: it may wait once more for each 32 KiB. Smaller responses, which anyone can request,
 * keep the limit above. */
#define LARGE_BYTES ((size_t)512 * 1024)
#define BYTES_PER_WAIT ((size_t)32 * 1024)

static struct timeval timeval_of(duration s)
{
	return (struct timeval){ .tv_sec = s.ms / 1000, .tv_usec = s.ms % 1000 * 1000 };
}

/* Without a limit, the kernel copies the whole of a large response, such as the API description, for a client
 * that never reads it. */
#define SEND_BUFFER_BYTES (64 * 1024)

static bool option_set(int fd, int level, int option, const void *value, socklen_t n)
{
	return setsockopt(fd, level, option, value, n) == 0;
}

/* On Linux, accepted sockets inherit these options from the listening socket (tcp(7); the kernel's sk_clone
 * copies the time-outs). */
enum err socket_set_read_timeout(int listener, duration idle)
{
	const int send_bytes = SEND_BUFFER_BYTES;
	const struct timeval in = timeval_of(idle);
	const int on = 1;

	if (!option_set(listener, SOL_SOCKET, SO_RCVTIMEO, &in, sizeof(in)) ||
		!option_set(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
		!option_set(listener, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes)))
		return ERR_INTERNAL;
	return OK;
}

static enum socket_result receive_bytes(int fd, char *p, size_t room, int flags, size_t *n)
{
	ssize_t got;

	do
		got = recv(fd, p, room, flags);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return SOCKET_END;
	if (got < 0)
		return errno == EAGAIN ? SOCKET_TIMEOUT : SOCKET_BROKEN;
	*n = (size_t)got;
	return SOCKET_BYTES;
}

enum socket_result socket_read(int fd, char *p, size_t room, size_t *n)
{
	return receive_bytes(fd, p, room, 0, n);
}

enum socket_result socket_read_within(int fd, duration limit, char *p, size_t room, size_t *n)
{
	const enum socket_result at_once = receive_bytes(fd, p, room, MSG_DONTWAIT, n);
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	if (at_once != SOCKET_TIMEOUT || limit.ms <= 0)
		return at_once;
	if (poll(&wait, 1, limit.ms < INT_MAX ? (int)limit.ms : INT_MAX) == 0)
		return SOCKET_TIMEOUT;
	return receive_bytes(fd, p, room, MSG_DONTWAIT, n);
}

bool socket_has_data(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void skip_sent(struct iovec parts[2], size_t n)
{
	for (size_t i = 0; i < 2; i++) {
		const size_t sent = n < parts[i].iov_len ? n : parts[i].iov_len;

		parts[i].iov_base = (char *)parts[i].iov_base + sent;
		parts[i].iov_len -= sent;
		n -= sent;
	}
}

/* The cast drops const. sendmsg(2) only reads the memory, but the type of iov_base is not const. */
static struct iovec part_of(struct str s)
{
	return (struct iovec){ .iov_base = (void *)(uintptr_t)s.p, .iov_len = s.n };
}

/* Waits at most `limit` until the socket can accept more bytes; returns whether it can. */
static bool wait_writable(int fd, duration limit)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int n;

	do
		n = poll(&wait, 1, limit.ms < INT_MAX ? (int)limit.ms : INT_MAX);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

/* SO_SNDTIMEO is not used because its time limit would start again after each partial write. */
bool socket_write(int fd, duration limit, struct str first, struct str second)
{
	struct iovec parts[2] = { part_of(first), part_of(second) };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = array_len(parts) };
	const size_t total = first.n + second.n;
	size_t waits = WRITE_WAITS_MAX + (total > LARGE_BYTES ? total / BYTES_PER_WAIT : 0);

	while (parts[0].iov_len + parts[1].iov_len > 0) {
		const ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return false;
		if (n > 0)
			skip_sent(parts, (size_t)n);
		else if (waits-- == 0 || !wait_writable(fd, limit))
			return false;
	}
	return true;
}

void socket_drain(int fd, size_t bytes, duration limit, int64_t (*ticks)(void))
{
	const int64_t end = ticks() + limit.ms;
	char dropped[4096];
	size_t n;

	if (shutdown(fd, SHUT_WR) != 0)
		return;
	for (;;) {
		const duration left = milliseconds(end - ticks());

		if (left.ms <= 0 ||
			socket_read_within(fd, left, dropped, sizeof(dropped), &n) != SOCKET_BYTES)
			return;
		if (n >= bytes)
			return;
		bytes -= n;
	}
}
