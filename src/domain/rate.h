/* Sliding windows (domain/limit.h) that several instances count in together: as bytes of a row. Their ticks
 * are the store's clock. Pure. */
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

/* What is no such bytes is an empty window, and so is what a clock that was turned back since would have
 * written. `n` is at most RATE_WINDOWS. */
void rate_read(const struct rate *rate, struct window *out, size_t n, duration length, int64_t ticks);
/* Into `bytes`, where the row's text then lies. */
void rate_write(struct rate *rate, const struct window *w, size_t n,
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES]);
