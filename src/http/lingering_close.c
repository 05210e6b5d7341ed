#include "http/lingering_close.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "http/socket_io.h"

#define LINGER_MS 1000
#define LINGER_BYTES_MAX ((size_t)64 * 1024)

static void close_at(struct lingering_close *l, size_t i)
{
	close(l->rows[i].fd);
	l->n--;
	memmove(&l->rows[i], &l->rows[i + 1], (l->n - i) * sizeof(l->rows[0]));
}

void lingering_close_add(struct lingering_close *l, int fd, int64_t now)
{
	if (l->n == LINGERING_CLOSE_MAX)
		close_at(l, 0);
	l->rows[l->n].fd = fd;
	l->rows[l->n].due = now + LINGER_MS;
	l->rows[l->n].read = 0;
	l->n++;
}

int lingering_close_polls(
	const struct lingering_close *l, int64_t now, struct pollfd polls[static LINGERING_CLOSE_MAX])
{
	for (size_t i = 0; i < l->n; i++)
		polls[i] = (struct pollfd){ .fd = l->rows[i].fd, .events = POLLIN };
	if (l->n == 0)
		return -1;
	return l->rows[0].due > now ? (int)(l->rows[0].due - now) : 0;
}

/* Reads once from connection `i` and discards the bytes. Returns whether the connection ended or sent too
 * much. Reads only once per call, so that a client that sends much does not delay the other connections. */
static bool has_ended(struct lingering_close *l, size_t i)
{
	char dropped[4096];
	size_t n = 0;

	if (socket_read_within(l->rows[i].fd, milliseconds(0), dropped, sizeof(dropped), &n) != SOCKET_BYTES)
		return true;
	l->rows[i].read += n;
	return l->rows[i].read > LINGER_BYTES_MAX;
}

void lingering_close_process(struct lingering_close *l, int64_t now, const struct pollfd *polls)
{
	for (size_t i = l->n; i-- > 0;) {
		assert(polls[i].fd == l->rows[i].fd);
		if (now >= l->rows[i].due || (polls[i].revents != 0 && has_ended(l, i)))
			close_at(l, i);
	}
}

void lingering_close_finish(struct lingering_close *l)
{
	while (l->n > 0)
		close_at(l, l->n - 1);
}
