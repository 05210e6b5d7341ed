#include "main/system.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/random.h>
#include <time.h>

/* How far --dev has moved the wall clock, in milliseconds. */
static atomic_llong moved;

static int64_t read_clock(clockid_t id, int64_t per_second)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

moment system_now(void)
{
	return (moment){ read_clock(CLOCK_REALTIME, 1000) + atomic_load(&moved) };
}

int64_t system_ticks(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

int64_t system_micros(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

static moment clock_now(struct clock *clock)
{
	(void)clock;
	return system_now();
}

static int64_t clock_ticks(struct clock *clock)
{
	(void)clock;
	return system_ticks();
}

static moment clock_unmoved(struct clock *clock)
{
	(void)clock;
	return (moment){ read_clock(CLOCK_REALTIME, 1000) };
}

struct clock *system_clock(void)
{
	static const struct clock_ops ops = { clock_now, clock_ticks, clock_unmoved };
	static struct clock clock = { &ops };

	return &clock;
}

void system_clock_advance(span by)
{
	atomic_fetch_add(&moved, by.ms);
}

static enum err random_fill(struct random *random, void *bytes, size_t n)
{
	unsigned char *p = bytes;

	(void)random;
	while (n > 0) {
		const ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_INTERNAL;
		p += got;
		n -= (size_t)got;
	}
	return OK;
}

struct random *system_random(void)
{
	static const struct random_ops ops = { random_fill };
	static struct random random = { &ops };

	return &random;
}
