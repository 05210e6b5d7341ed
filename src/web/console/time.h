/* Moments as the pages of the console show them. */
#pragma once

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"

/* Returns markup of a moment in UTC, "2026-01-05 10:05:12 UTC"; empty for a moment that is not set. On
 * failure `p` is NULL. */
struct str console_time(struct arena *a, moment t);
