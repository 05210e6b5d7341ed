#include "http/lingering_close.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "http/socket_io.h"

#define LIMIT_MS 1000
#define BYTES_MAX ((size_t)64 * 1024)

static void remove_at(struct lingering_close *f, size_t i)
{
	close(f->rows[i].fd);
	f->n--;
	memmove(&f->rows[i], &f->rows[i + 1], (f->n - i) * sizeof(f->rows[0]));
}

void lingering_close_add(struct lingering_close *f, int fd, int64_t now)
{
	if (f->n == LINGERING_CLOSE_MAX)
		remove_at(f, 0);
	f->rows[f->n].fd = fd;
	f->rows[f->n].due = now + LIMIT_MS;
	f->rows[f->n].read = 0;
	f->n++;
}

int lingering_close_polls(
	const struct lingering_close *f, int64_t now, struct pollfd polls[static LINGERING_CLOSE_MAX])
{
	for (size_t i = 0; i < f->n; i++)
		polls[i] = (struct pollfd){ .fd = f->rows[i].fd, .events = POLLIN };
	if (f->n == 0)
		return -1;
	return f->rows[0].due > now ? (int)(f->rows[0].due - now) : 0;
}

/* One read a turn: a flood from one does not keep the others waiting. */
static bool has_left(struct lingering_close *f, size_t i)
{
	char dropped[4096];
	size_t n = 0;

	if (socket_read_within(f->rows[i].fd, milliseconds(0), dropped, sizeof(dropped), &n) != SOCKET_BYTES)
		return true;
	f->rows[i].read += n;
	return f->rows[i].read > BYTES_MAX;
}

void lingering_close_process(struct lingering_close *f, int64_t now, const struct pollfd *polls)
{
	for (size_t i = f->n; i-- > 0;) {
		assert(polls[i].fd == f->rows[i].fd);
		if (now >= f->rows[i].due || (polls[i].revents != 0 && has_left(f, i)))
			remove_at(f, i);
	}
}

void lingering_close_finish(struct lingering_close *f)
{
	while (f->n > 0)
		remove_at(f, f->n - 1);
}
