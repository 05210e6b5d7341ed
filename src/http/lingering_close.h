/* Lingering close: connections that were rejected with an error response are kept open for up to a second,
 * and their input is discarded. If they were closed at once, unread input would cause a connection reset, and
 * the client could lose the response. Holds at most LINGERING_CLOSE_MAX connections; a new connection
 * replaces the oldest. Used by one thread, which polls these sockets together with its own. */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"

#define LINGERING_CLOSE_MAX 32

struct lingering_close {
	struct {
		int fd;
		int64_t due; /* ticks */
		size_t read; /* bytes dropped so far */
	} rows[LINGERING_CLOSE_MAX];
	size_t n; /* number of rows, the oldest first */
};

/* Takes ownership of `fd`. In all functions of this file, `now` is in ticks (milliseconds of a monotonic
 * clock). */
void lingering_close_add(struct lingering_close *l, int fd, int64_t now);
/* Fills the first l->n rows of `polls` for poll(2). Returns the maximum time-out for poll(2) in milliseconds;
 * -1 if there are no connections. */
int lingering_close_polls(
	const struct lingering_close *l, int64_t now, struct pollfd polls[static LINGERING_CLOSE_MAX]);
/* Processes the results of poll(2): discards input and closes connections that have ended, sent too much, or
 * reached their time limit. */
void lingering_close_process(struct lingering_close *l, int64_t now, const struct pollfd *polls);
/* Closes all connections. */
void lingering_close_finish(struct lingering_close *l);
