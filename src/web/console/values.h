/* Moments and numbers as the pages of the console show them. On failure, `p` of a result is NULL. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"

/* Returns markup of a moment in UTC, "2026-01-05 10:05:12 UTC"; empty for a moment that is not set.
 */
struct str console_time(struct arena *a, moment t);
struct str console_number(struct arena *a, int64_t n);
/* Returns a quota as text; empty for NO_QUOTA. */
struct str console_quota(struct arena *a, int64_t limit);
