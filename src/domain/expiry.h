/* Expiry that a clock which was set back cannot extend. Something that lives for `life` can expire at most
 * `life` from now. If it seems to expire later than that, the clock has been set back since it was stored:
 * its age is unknown, and it counts as expired. Pure.
 *
 * Within one process, world_expiry_now() (port/world.h) bounds expiry exactly. This rule is for what an
 * earlier process or another instance stored. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"

/* A change of a clock by more than this is a jump: it is logged, and expires what was stored before it.
 * Smaller changes extend a life by at most this much. */
#define CLOCK_JUMP_MIN seconds(60)

/* Reports whether something that lives for at most `life` has not expired. It is expired from exactly
 * `expires_at` on. */
bool expiry_is_open(moment expires_at, duration life, moment now);
/* Reports whether a clock that has changed by `change` has jumped, in either direction. */
bool is_clock_jump(duration change);
