/* One accepted socket: reading and writing with bounds. The socket blocks; how long a read may at most is set
 * once on the listening socket (wire_prepare) and inherited, so that a keep-alive request costs two system
 * calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

enum wire_verdict {
	WIRE_BYTES,  /* some came */
	WIRE_END,    /* the other end has said all */
	WIRE_LATE,   /* none came in time */
	WIRE_BROKEN, /* the connection is gone */
};

/* On the listening socket: how long a read may wait for its first byte. */
enum err wire_prepare(int listener, duration idle) must_use;
/* Waits as long as wire_prepare() said. */
enum wire_verdict wire_read(int fd, char *p, size_t room, size_t *n) must_use;
/* Waits at most `limit`; 0 does not wait. */
enum wire_verdict wire_read_within(int fd, duration limit, char *p, size_t room, size_t *n) must_use;
/* Is there a byte to read at once? */
bool wire_has_more(int fd);
/* Both pieces, wholly. False when the other end is gone, or has taken nothing for `limit`, or next to nothing
 * for six times as long. */
bool wire_write(int fd, duration limit, struct str first, struct str second) must_use;
/* Ends our side and reads what the other end still sends until it ends its own, at most `bytes` and `limit`:
 * a socket that is closed with unread bytes resets the connection, and the other end may lose our last
 * answer. */
void wire_leave(int fd, size_t bytes, duration limit, int64_t (*ticks)(void));
