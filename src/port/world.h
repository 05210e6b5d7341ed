/* The dependencies of the use cases, in one struct: clock, randomness, store, mailer, provider, keys and
 * settings. main/daemon/compose builds it; tests build their own. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/rules.h"

struct keys;
struct mailer;
struct provider;
struct self_check;
struct store;
struct templates;
struct webhook_connector;

/* `now` is the wall clock, used by rules and stored in rows; tests and development mode can move it. `ticks`
 * is milliseconds of a monotonic clock for waits, deadlines and rate limits, and is never moved. Leases use a
 * third clock, the store's (store_clock in port/store.h). */
struct clock {
	const struct clock_ops *ops;
	/* The largest difference between `now` and `ticks` that world_expiry_now() has seen. */
	_Atomic int64_t expiry_offset;
	atomic_bool is_synced; /* `sync` has succeeded at least once (called by app/core/clock_sync) */
};
struct clock_ops {
	moment (*now)(struct clock *clock);
	int64_t (*ticks)(struct clock *clock);
	/* Sets `now` to another clock, whose present time is `reference`. Returns by how much `now` was ahead
	 * of that clock before. If the difference is negligible, changes nothing and returns 0. */
	duration (*sync)(struct clock *clock, moment reference);
	/* Returns the time of this machine's wall clock, which `sync` and development mode do not change. */
	moment (*machine_now)(struct clock *clock);
};

/* The system's random numbers. If they cannot be read, the operation that needs them must fail too. */
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
	struct webhook_connector *webhooks; /* for sample events; deliveries have a sender of their own */
	/* The checks of doctor, for the console; NULL outside of a server. */
	struct self_check *self_check;
	const struct keys *keys; /* crypto/keys.h */
	/* A reload of the settings replaces this pointer. Earlier structs stay valid. */
	const struct rules *_Atomic rules;
	/* The operator's e-mail templates (app/mail/template.h). NULL if only the built-in texts are used. */
	const struct templates *templates;
	struct instance_id instance; /* identifies this process */
	/* The machine and the version of this process, as the list of instances shows them. */
	struct str host, version;
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
/* Returns the time that is compared with expiry times, for example of codes and challenges. It equals
 * world_now() as long as the wall clock only moves forward. If the wall clock is set back, this time
 * continues with the monotonic clock, so that nothing becomes valid again while this process runs. It must
 * not be shown to people or sent to other systems. */
moment world_expiry_now(const struct world *world);
static inline enum err must_use world_random(const struct world *world, void *bytes, size_t n)
{
	return world->random->ops->fill(world->random, bytes, n);
}
/* Makes a new id from the present time and random bytes. Later ids sort after earlier ones. */
enum err world_id(const struct world *world, char out[ID_SIZE]) must_use;
