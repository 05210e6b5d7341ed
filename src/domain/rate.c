#include "domain/rate.h"

#include <assert.h>
#include <string.h>

static unsigned char *put_little_endian(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*p++ = (unsigned char)(v >> (8 * i));
	return p;
}

static uint64_t get_little_endian(const unsigned char **p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t) * (*p)++ << (8 * i);
	return v;
}

void rate_read(const struct rate *rate, struct window *out, size_t n, duration length, int64_t ticks)
{
	const unsigned char *p = (const unsigned char *)rate->windows.p;

	assert(n <= RATE_WINDOWS);
	memset(out, 0, n * sizeof(*out));
	if (rate->windows.n != n * RATE_WINDOW_BYTES)
		return;
	for (size_t i = 0; i < n; i++) {
		out[i].slot = (int64_t)get_little_endian(&p, 8);
		for (size_t s = 0; s <= WINDOW_SLOTS; s++)
			out[i].counts[s] = (uint32_t)get_little_endian(&p, 4);
		window_discard_future(&out[i], length, ticks);
	}
}

void rate_write(struct rate *rate, const struct window *w, size_t n,
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES])
{
	unsigned char *p = bytes;

	assert(n <= RATE_WINDOWS);
	for (size_t i = 0; i < n; i++) {
		p = put_little_endian(p, (uint64_t)w[i].slot, 8);
		for (size_t s = 0; s <= WINDOW_SLOTS; s++)
			p = put_little_endian(p, w[i].counts[s], 4);
	}
	rate->windows = (struct str){ (const char *)bytes, (size_t)(p - bytes) };
}
