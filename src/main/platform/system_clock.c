#include "main/platform/system_clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "crypto/digest.h"

/* How far POST /sandbox/clock/advance has moved the wall clock forward, in milliseconds. */
static atomic_llong advanced_ms;
/* If this process follows the database's clock: the database's wall time when this machine's monotonic clock
 * was 0, in milliseconds. The monotonic clock is used because it does not change when this machine's clock is
 * set. 0 if this machine's own wall clock is used. */
static atomic_llong followed_at_tick_zero;
/* Once the database's clock is followed, smaller differences are ignored, because network delay causes
 * them. */
#define FOLLOW_TOLERANCE milliseconds(100)

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

/* Returns the wall time, without the time that POST /sandbox/clock/advance has added. */
static moment real_now(void)
{
	const int64_t followed = atomic_load(&followed_at_tick_zero);

	return (moment){ followed ? followed + system_ticks() : read_clock(CLOCK_REALTIME, 1000) };
}

moment system_now(void)
{
	return (moment){ real_now().ms + atomic_load(&advanced_ms) };
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

static moment clock_machine_now(struct clock *clock)
{
	(void)clock;
	return (moment){ read_clock(CLOCK_REALTIME, 1000) };
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
	const duration difference = moment_diff(real_now(), theirs);

	(void)clock;
	if (duration_is_shorter(
		    milliseconds(difference.ms < 0 ? -difference.ms : difference.ms), FOLLOW_TOLERANCE) &&
		atomic_load(&followed_at_tick_zero))
		return seconds(0);
	atomic_store(&followed_at_tick_zero, theirs.ms - system_ticks());
	return difference;
}

struct clock *system_clock(void)
{
	static const struct clock_ops ops = { clock_now, clock_ticks, clock_follow, clock_machine_now };
	static struct clock clock = { .ops = &ops };

	return &clock;
}

void system_clock_advance(duration by)
{
	atomic_fetch_add(&advanced_ms, by.ms);
}

static enum err read_kernel_random(unsigned char *p, size_t n)
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

/* Random bytes that were read ahead, so that creating a person does not need five system calls. Each byte is
 * used once and immediately wiped from the buffer. A child process discards the bytes that it inherits from
 * its parent. */
static _Thread_local unsigned char random_buffer[256];
static _Thread_local size_t n_random; /* number of unused bytes, which are at the start of the buffer */
static _Thread_local pid_t random_buffer_pid;

static enum err random_fill(struct random *random, void *bytes, size_t n)
{
	(void)random;
	if (n > sizeof(random_buffer))
		return read_kernel_random(bytes, n);
	if (n_random < n || random_buffer_pid != getpid()) {
		TRY(read_kernel_random(random_buffer, sizeof(random_buffer)));
		n_random = sizeof(random_buffer);
		random_buffer_pid = getpid();
	}
	n_random -= n;
	memcpy(bytes, random_buffer + n_random, n);
	secure_wipe(random_buffer + n_random, n);
	return OK;
}

struct random *system_random(void)
{
	static const struct random_ops ops = { random_fill };
	static struct random random = { &ops };

	return &random;
}
