/* One accepted socket: reading and writing with bounds. The socket blocks; how long a read may at most is set
 * once on the listening socket (socket_set_read_timeout) and inherited, so that a keep-alive request costs
 * two system calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum socket_result {
	SOCKET_BYTES,	/* some came */
	SOCKET_END,	/* the other end has said all */
	SOCKET_TIMEOUT, /* none came in time */
	SOCKET_BROKEN,	/* the connection is gone */
};

/* On the listening socket: how long a read may wait for its first byte. */
enum err socket_set_read_timeout(int listener, duration idle) must_use;
/* Waits as long as socket_set_read_timeout() said. */
enum socket_result socket_read(int fd, char *p, size_t room, size_t *n) must_use;
/* Waits at most `limit`; 0 does not wait. */
enum socket_result socket_read_within(int fd, duration limit, char *p, size_t room, size_t *n) must_use;
/* Is there a byte to read at once? */
bool socket_has_data(int fd);
/* Both pieces, wholly. False when the other end is gone, or has taken nothing for `limit`, or next to nothing
 * for six times as long. */
bool socket_write(int fd, duration limit, struct str first, struct str second) must_use;
/* Ends our side and reads what the other end still sends until it ends its own, at most `bytes` and `limit`:
 * a socket that is closed with unread bytes resets the connection, and the other end may lose our last
 * answer. */
void socket_drain(int fd, size_t bytes, duration limit, int64_t (*ticks)(void));
