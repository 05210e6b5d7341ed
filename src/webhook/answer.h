/* What is kept of the answer to a webhook request. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"

/* Reads the header Retry-After of a CURL handle's answer: seconds, or a date, which is compared with the
 * answer's header Date, else with `now`. Returns 0 if there is none or it is malformed, and at most 10 days.
 */
duration answer_retry_after(void *curl, moment now);

/* Copies a part of a body into the arena as UTF-8 text: each byte that is not UTF-8 and each control
 * character except tab and line feed becomes "?"; a character that is cut off at the end is dropped. Returns
 * an empty string if the arena is full. */
struct str answer_excerpt(struct arena *a, struct str body);
