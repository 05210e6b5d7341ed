/* Encodes sliding windows (domain/limit.h) as bytes of a database row, so that several instances can share
 * them. The ticks of these windows are milliseconds of the store's clock. Pure. */
#pragma once

#include <stddef.h>

#include "base/str.h"
#include "domain/limit.h"

#define RATE_WINDOWS 3
#define RATE_WINDOW_BYTES (8 + 4 * (WINDOW_SLOTS + 1))

#define RATE_NAME_SIZE 65

struct rate {
	char name[RATE_NAME_SIZE];
	struct str windows;
};

/* Decodes `n` windows, at most RATE_WINDOWS. If the bytes have the wrong size, all windows are empty. A
 * window that lies in the future because the clock was set back is empty too. */
void rate_read(const struct rate *rate, struct window *out, size_t n, duration length, int64_t ticks);
/* Encodes `n` windows into `bytes` and makes `rate->windows` point to them. */
void rate_write(struct rate *rate, const struct window *w, size_t n,
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES]);
