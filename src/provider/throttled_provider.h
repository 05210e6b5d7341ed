/* Wraps a provider with its rate limits and a circuit breaker (domain/throttle). Also limits the number of
 * concurrent calls, and of threads that wait for a free slot. A call that is not permitted returns ERR_BUSY
 * with PROVIDER_PAUSED, immediately or after a short wait, and sends no request. Thread-safe. */
#pragma once

#include "base/err.h"
#include "port/provider.h"

struct clock;
struct shared_state;

/* Limits of concurrent calls: THROTTLED_CREATES for creating and finding sessions, THROTTLED_POLLS for polls.
 * They are separate, so that neither kind can block the other. */
#define THROTTLED_CREATES 40
#define THROTTLED_POLLS 16
/* At most THROTTLED_WAITING threads wait for a slot, of either kind. Each waits for at most its call's time
 * limit divided by THROTTLED_WAIT_PART. Polls with POLL_DUE never wait. */
#define THROTTLED_WAITING 64
#define THROTTLED_WAIT_PART 4

/* Takes ownership of `inner`: closes it together with the new provider, or at once if opening fails. `clock`
 * must outlive the provider; only its monotonic time is used. `limit` is the time limit of a create call. */
enum err throttled_provider_open(
	struct provider *inner, struct clock *clock, duration limit, struct provider **out) must_use;
/* From now on counts polls and searches in `shared_state`, for all instances together. NULL means that this
 * is the only instance. Must be called before the first call of the provider. `shared_state` must outlive the
 * provider. Each instance still has its own breaker and slots. */
void throttled_provider_share(struct provider *provider, struct shared_state *shared_state);
