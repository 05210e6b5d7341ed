/* Limits how many pages of a verification link one IP address may request, in this instance. These pages need
 * no API key, so that the limit of a key cannot protect them. Thread-safe without a lock.
 *
 * The counters are a table of fixed size, indexed by a keyed hash of the address: memory does not grow with
 * the number of addresses, nobody can choose an address that shares a counter with another one, and no
 * address is stored. Two addresses that share a counter by chance share its limit. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/world.h"

/* An address may be that of an office or of a carrier's customers, so its limit is this multiple of the limit
 * of one API key (KYCD_RATE_PER_SECOND, KYCD_RATE_PER_MINUTE). */
#define PAGE_LIMIT_PEOPLE 10

struct page_limits;

enum err page_limits_open(struct page_limits **out) must_use;
/* Accepts NULL. */
void page_limits_close(struct page_limits *limits);
/* Counts one request from `address`, an IP address as text, at the monotonic time `micros`. Returns false and
 * sets `wait` if the address has made too many. A text that is no IP address is not limited. */
bool page_limit_take(struct page_limits *limits, const struct world *world, struct str address,
	int64_t micros, duration *wait) must_use;
