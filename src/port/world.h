/* The dependencies of the use cases, in one struct: clock, randomness, store, mailer, provider, keys and
 * settings. main/daemon/compose builds it; tests build their own. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "domain/id.h"
#include "domain/rules.h"

struct keys;
struct mailer;
struct provider;
struct store;
struct templates;

/* `now` is the wall clock, used by rules and stored in rows; tests and development mode can move it. `ticks`
 * is milliseconds of a monotonic clock for waits, deadlines and rate limits, and is never moved. Leases use a
 * third clock, the store's (store_clock in port/store.h). */
struct clock {
	const struct clock_ops *ops;
	/* The largest difference between `now` and `ticks` that world_expiry_now() has seen. */
	_Atomic int64_t expiry_offset;
	atomic_bool is_synced; /* `sync` has succeeded at least once (app/core/clock_sync) */
};
struct clock_ops {
	moment (*now)(struct clock *clock);
	int64_t (*ticks)(struct clock *clock);
	/* Makes `now` follow another clock, whose present time is `reference`. Returns by how much `now` was
	 * ahead of the other clock before. Returns 0 if the difference is negligible; then nothing is
	 * changed. */
	duration (*sync)(struct clock *clock, moment reference);
	/* The wall clock of this machine: what `now` would be without `sync` and without development mode. */
	moment (*machine_now)(struct clock *clock);
};

/* The system's random numbers. When they cannot be read, the operation that needed them must fail too. */
struct random {
	const struct random_ops *ops;
};
struct random_ops {
	enum err (*fill)(struct random *random, void *bytes, size_t n);
};

struct world {
	struct clock *clock;
	struct random *random;
	struct store *store;
	struct mailer *mailer;
	struct provider *provider;
	const struct keys *keys; /* crypto/keys.h */
	/* A reload of the settings replaces the pointer; previous structs stay valid. */
	const struct rules *_Atomic rules;
	/* The operator's e-mail templates (app/mail/template.h); NULL: only built-in texts are used. */
	const struct templates *templates;
	struct instance_id instance; /* identifies this process */
};

static inline moment world_now(const struct world *world)
{
	return world->clock->ops->now(world->clock);
}
static inline int64_t world_ticks(const struct world *world)
{
	return world->clock->ops->ticks(world->clock);
}
static inline moment world_machine_now(const struct world *world)
{
	return world->clock->ops->machine_now(world->clock);
}
/* The time by which codes, challenges and similar things expire. It equals world_now() while the wall clock
 * only moves forward. If the wall clock is set back, this time goes on by the monotonic clock, so that
 * nothing becomes valid again while this process runs. Never shown to people and never sent to other systems.
 */
moment world_expiry_now(const struct world *world);
static inline enum err must_use world_random(const struct world *world, void *bytes, size_t n)
{
	return world->random->ops->fill(world->random, bytes, n);
}
/* Makes a new id from the present time and random bytes; later ids sort after earlier ones. */
enum err world_id(const struct world *world, char out[ID_SIZE]) must_use;
