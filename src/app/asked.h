/* Sessions that somebody asked for and does not wait: a bounded line of readings to be made, each session at
 * most once in 10 s. Threads at the same time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

#define ASKED_MAX 1024
#define ASKED_EVERY seconds(10)

struct asked;

enum err asked_open(struct asked **out) must_use;
/* Accepts NULL. */
void asked_close(struct asked *asked);
/* Returns at once. False: it was asked for within the last 10 s, or too many wait. NULL: nobody reads. */
bool asked_add(struct asked *asked, struct str ref, int64_t ticks);
/* The next one; waits for it, at most `limit`. False: there is none. */
bool asked_next(struct asked *asked, duration limit, struct provider_ref *out);
/* Nobody waits from now on. */
void asked_end(struct asked *asked);
