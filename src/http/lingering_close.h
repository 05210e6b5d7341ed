/* Connections that were turned away with an answer and wait for their other end to read it: closed at once,
 * unread bytes would reset them and the answer be lost. Belongs to one thread, which polls them with its own
 * sockets. At most LINGERING_CLOSE_MAX at a time, for a second each; a newer one takes the oldest one's
 * place. */
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
	size_t n; /* oldest first */
};

/* `fd` now belongs to the farewell. */
void lingering_close_add(struct lingering_close *f, int fd, int64_t now);
/* Fills f->n rows of `polls`; returns how long may be waited at most in ms, -1 when there is nothing to wait
 * for. */
int lingering_close_polls(
	const struct lingering_close *f, int64_t now, struct pollfd polls[static LINGERING_CLOSE_MAX]);
/* Drops what came in by these rows, and closes who has left or had its time. */
void lingering_close_process(struct lingering_close *f, int64_t now, const struct pollfd *polls);
void lingering_close_finish(struct lingering_close *f);
