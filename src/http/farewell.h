/* Connections that were turned away with an answer and wait for their other end to read it: closed at once,
 * unread bytes would reset them and the answer be lost. Belongs to one thread, which polls them with its own
 * sockets. At most FAREWELL_MAX at a time, for a second each; a newer one takes the oldest one's place. */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"

#define FAREWELL_MAX 32

struct farewell {
	struct {
		int fd;
		int64_t due; /* ticks */
		size_t read; /* bytes dropped so far */
	} rows[FAREWELL_MAX];
	size_t n; /* oldest first */
};

/* `fd` now belongs to the farewell. */
void farewell_add(struct farewell *f, int fd, int64_t now);
/* Fills f->n rows of `polls`; returns how long may be waited at most in ms, -1 when there is nothing to wait
 * for. */
int farewell_polls(const struct farewell *f, int64_t now, struct pollfd polls[static FAREWELL_MAX]);
/* Drops what came in by these rows, and closes who has left or had its time. */
void farewell_tend(struct farewell *f, int64_t now, const struct pollfd *polls);
void farewell_close(struct farewell *f);
