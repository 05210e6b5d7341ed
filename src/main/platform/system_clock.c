#include "main/platform/system_clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "crypto/digest.h"

/* How far --dev has moved the wall clock, in milliseconds. */
static atomic_llong moved;
/* What another clock, which we follow, said when our ticks began. By the ticks, so that it is not moved when
 * somebody sets the machine's. 0: nobody is followed. */
static atomic_llong began;
#define UNNOTICED milliseconds(100)

static int64_t read_clock(clockid_t id, int64_t per_second)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

int64_t system_ticks(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000);
}

/* Without what --dev has moved. */
static moment real_now(void)
{
	const int64_t followed = atomic_load(&began);

	return (moment){ followed ? followed + system_ticks() : read_clock(CLOCK_REALTIME, 1000) };
}

moment system_now(void)
{
	return (moment){ real_now().ms + atomic_load(&moved) };
}

int64_t system_micros(void)
{
	return read_clock(CLOCK_MONOTONIC, 1000000);
}

void system_sleep(duration s)
{
	struct timespec left = { .tv_sec = s.ms / 1000, .tv_nsec = s.ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		;
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

static duration clock_follow(struct clock *clock, moment theirs)
{
	const duration wrong = moment_diff(real_now(), theirs);

	(void)clock;
	if (duration_is_shorter(milliseconds(wrong.ms < 0 ? -wrong.ms : wrong.ms), UNNOTICED) &&
		atomic_load(&began))
		return seconds(0);
	atomic_store(&began, theirs.ms - system_ticks());
	return wrong;
}

struct clock *system_clock(void)
{
	static const struct clock_ops ops = { clock_now, clock_ticks, clock_follow };
	static struct clock clock = { &ops };

	return &clock;
}

void system_clock_advance(duration by)
{
	atomic_fetch_add(&moved, by.ms);
}

static enum err draw(unsigned char *p, size_t n)
{
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

/* Drawn ahead, so that a new person does not ask the kernel five times; each byte is handed out once and
 * wiped at once. What a parent process drew is not its child's. */
static _Thread_local unsigned char ahead[256];
static _Thread_local size_t n_ahead; /* from the start of it */
static _Thread_local pid_t drawn_by;

static enum err random_fill(struct random *random, void *bytes, size_t n)
{
	(void)random;
	if (n > sizeof(ahead))
		return draw(bytes, n);
	if (n_ahead < n || drawn_by != getpid()) {
		TRY(draw(ahead, sizeof(ahead)));
		n_ahead = sizeof(ahead);
		drawn_by = getpid();
	}
	n_ahead -= n;
	memcpy(bytes, ahead + n_ahead, n);
	secure_wipe(ahead + n_ahead, n);
	return OK;
}

struct random *system_random(void)
{
	static const struct random_ops ops = { random_fill };
	static struct random random = { &ops };

	return &random;
}
