/* A provider behind a door: its limits are kept (domain/throttle), so many calls run at once, a bounded
 * number waits, and while it is down hardly anything is let through. Who is not let through hears
 * PROVIDER_PAUSED at once or after a short wait. Threads at the same time. */
#pragma once

#include "base/err.h"
#include "port/provider.h"

struct clock;
struct shared_state;

/* Calls at once: what makes and what reads, apart, so that neither is in the other's way. */
#define THROTTLED_CREATES 40
#define THROTTLED_POLLS 16
/* Who waits for a place, of either kind; and how long: this part of the call's own limit. What is merely due
 * does not wait. */
#define THROTTLED_WAITING 64
#define THROTTLED_WAIT_PART 4

/* `inner` is closed with it, also when opening fails; of the clock (which outlives it) only the ticks count.
 * `limit`: of a create. */
enum err throttled_provider_open(
	struct provider *inner, struct clock *clock, duration limit, struct provider **out) must_use;
/* Before the first call: readings are counted there, for all instances together. It outlives the provider;
 * NULL: this is the only one. The breaker and the places stay each instance's own. */
void throttled_provider_share(struct provider *provider, struct shared_state *shared_state);
