#include "web/core/page_limit.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/keys.h"
#include "text/ip.h"

#define COUNTERS 32768 /* a power of two; 256 KiB */

/* For each counter, the time in microseconds at which its bucket is full again (GCRA, see domain/limit.h,
 * whose milliseconds are too coarse for more than 1,000 requests a second). */
struct page_limits {
	_Atomic int64_t full_at[COUNTERS];
};

enum err page_limits_open(struct page_limits **out)
{
	*out = calloc(1, sizeof(struct page_limits));
	return *out ? OK : ERR_INTERNAL;
}

void page_limits_close(struct page_limits *limits)
{
	free(limits);
}

static size_t counter_of(const struct world *world, const struct ip *ip)
{
	const struct ip subscriber = ip_subscriber(ip);
	const struct str parts[] = { STR("page-limit"), { (const char *)subscriber.bytes, IP_BYTES } };
	unsigned char digest[DIGEST_BYTES];
	uint32_t number;

	keyed_digest(&world->keys->index, parts, 2, digest);
	memcpy(&number, digest, sizeof(number));
	return number % COUNTERS;
}

/* Takes one unit from the counter's bucket of `burst` units, which gains one every `every` microseconds.
 * Returns 0, or the microseconds after which there is one. */
static int64_t take(_Atomic int64_t *full_at, int64_t burst, int64_t every, int64_t now)
{
	int64_t before = atomic_load_explicit(full_at, memory_order_relaxed), after;

	do {
		const int64_t start = before > now ? before : now;
		const int64_t wait = start - now - (burst - 1) * every;

		if (wait > 0)
			return wait;
		after = start + every;
	} while (!atomic_compare_exchange_weak_explicit(
		full_at, &before, after, memory_order_relaxed, memory_order_relaxed));
	return 0;
}

bool page_limit_take(struct page_limits *limits, const struct world *world, struct str address,
	int64_t micros, duration *wait)
{
	const struct rules *const rules = world->rules;
	const int64_t every = 60 * INT64_C(1000000) / PAGE_LIMIT_PEOPLE / rules->rate_per_minute;
	struct ip ip;

	if (!ip_read(address, &ip))
		return true;
	const int64_t left = take(&limits->full_at[counter_of(world, &ip)],
		rules->rate_per_second * PAGE_LIMIT_PEOPLE, every > 0 ? every : 1, micros);
	*wait = milliseconds(left / 1000 + 1);
	return left == 0;
}
