/* Everything outside the program that a use case may touch, in one struct: tests build their own. */
#pragma once

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

/* Two hands: `now` is the wall clock that rules and rows see (movable in tests and --dev), `ticks` is
 * monotonic milliseconds for waits, deadlines and rate limits, and is never moved. Leases go by a third one,
 * the store's (port/store.h). */
struct clock {
	const struct clock_ops *ops;
};
struct clock_ops {
	moment (*now)(struct clock *clock);
	int64_t (*ticks)(struct clock *clock);
	/* From now on `now` goes by another clock, which says this at this moment; by how much it was wrong
	 * before. 0: less than anybody notices, and nothing is changed. */
	duration (*sync)(struct clock *clock, moment theirs);
};

/* The system's randomness. A failure means that nothing that needed it happens. */
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
	const struct rules
		*_Atomic rules; /* replaced as a whole when settings are read again; old ones stay */
	const struct templates *templates; /* app/mail/template.h; NULL: letters are ours alone */
	struct instance_id instance;	   /* of this process */
};

static inline moment world_now(const struct world *world)
{
	return world->clock->ops->now(world->clock);
}
static inline int64_t world_ticks(const struct world *world)
{
	return world->clock->ops->ticks(world->clock);
}
static inline enum err must_use world_random(const struct world *world, void *bytes, size_t n)
{
	return world->random->ops->fill(world->random, bytes, n);
}
/* A fresh id, in the time order of its making. */
enum err world_id(const struct world *world, char out[ID_SIZE]) must_use;
