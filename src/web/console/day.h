/* Days in the filters of lists. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"

/* Reads the days from "2026-01-05" until "2026-01-06", both included, in UTC: `out_until` is the beginning of
 * the day after. Empty: 0. Returns false if one is malformed. */
bool console_days_read(struct str from, struct str until, moment *out_from, moment *out_until) must_use;
