/* Expiry that cannot be extended by setting a clock back. Something that can exist for at most `life` can
 * expire at most `life` from now. If its expiry time is later than that, the clock has been set back since it
 * was stored. Its age is then unknown, and it counts as expired. Pure.
 *
 * Within one process, world_expiry_now() (port/world.h) handles clocks that are set back. This rule is for
 * what an earlier process or another instance stored. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"

/* A change of a clock by more than this is a jump. A jump is logged, and everything that was stored before it
 * counts as expired. A smaller change can delay expiry by at most this much. */
#define CLOCK_JUMP_MIN seconds(60)

/* Returns whether something that can exist for at most `life` has not expired at `now`. It expires exactly at
 * `expires_at`. */
bool expiry_is_open(moment expires_at, duration life, moment now);
/* Returns whether a change of a clock by `change` is a jump, in either direction. */
bool is_clock_jump(duration change);
