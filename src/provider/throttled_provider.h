/* Wraps a provider with its rate limits and a circuit breaker (domain/throttle). Limits the calls that run at
 * the same time and the threads that wait for a free slot. A call that is not permitted returns ERR_BUSY with
 * PROVIDER_PAUSED, immediately or after a short wait, without a request. Thread-safe. */
#pragma once

#include "base/err.h"
#include "port/provider.h"

struct clock;
struct shared_state;

/* Calls that may run at the same time. Creating and finding sessions have slots of their own, so that polls
 * cannot block them, and vice versa. */
#define THROTTLED_CREATES 40
#define THROTTLED_POLLS 16
/* At most THROTTLED_WAITING threads wait for a slot of either kind, each for at most limit /
 * THROTTLED_WAIT_PART of its call. Polls of POLL_DUE never wait. */
#define THROTTLED_WAITING 64
#define THROTTLED_WAIT_PART 4

/* Takes ownership of `inner`, which is closed with the new provider, or at once if opening fails. `clock`
 * must outlive the provider; only its monotonic time is used. `limit`: time limit of a create call. */
enum err throttled_provider_open(
	struct provider *inner, struct clock *clock, duration limit, struct provider **out) must_use;
/* Counts polls and searches in `shared_state`, for all instances together; NULL: this is the only instance.
 * Must be called before the first call of the provider. `shared_state` must outlive the provider. The breaker
 * and the slots remain separate in each instance. */
void throttled_provider_share(struct provider *provider, struct shared_state *shared_state);
