/* Reads and writes of an accepted socket with time limits. The socket is blocking. Its read time-out is set
 * once on the listening socket (socket_set_read_timeout), and accepted sockets inherit it. So a request on a
 * kept-open connection needs only two system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum socket_result {
	SOCKET_BYTES,	/* bytes were received */
	SOCKET_END,	/* the other end has closed its sending side */
	SOCKET_TIMEOUT, /* nothing was received within the time limit */
	SOCKET_BROKEN,	/* the connection failed */
};

/* Sets the read time-out that accepted sockets inherit from the listening socket, TCP_NODELAY, and the size
 * of the send buffer. */
enum err socket_set_read_timeout(int listener, duration idle) must_use;
/* Reads at most `room` bytes; waits at most the time set by socket_set_read_timeout. */
enum socket_result socket_read(int fd, char *p, size_t room, size_t *n) must_use;
/* Reads at most `room` bytes. Waits at most `limit`; does not wait if `limit` is 0. */
enum socket_result socket_read_within(int fd, duration limit, char *p, size_t room, size_t *n) must_use;
/* Returns whether a byte can be read without waiting. */
bool socket_has_data(int fd);
/* Writes both parts completely. Returns false if the connection failed, if the other end read nothing for
 * `limit`, or if it read so little at a time that socket_write had to wait more than six times,
 * and once more for each 32 KiB of more than 512 KiB. */
bool socket_write(int fd, duration limit, struct str first, struct str second) must_use;
/* Shuts down the sending side, then reads and discards input until the other end closes its side, at most
 * `bytes` bytes and for at most `limit`. Without this, closing a socket with unread input would reset the
 * connection, and the other end could lose the last response. `ticks` is a monotonic clock in
 * milliseconds. */
void socket_drain(int fd, size_t bytes, duration limit, int64_t (*ticks)(void));
