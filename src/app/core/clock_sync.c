#include "app/core/clock_sync.h"

#include "base/log.h"
#include "port/store.h"

#define ROUND_TRIP_MAX seconds(1)
/* Differences of this size or larger are logged. */
#define WARN_FROM seconds(1)

static enum err read_store_clock(struct tx *tx, void *arg)
{
	return store_clock(tx, arg);
}

static void warn_if_far_off(duration moved)
{
	if (!duration_is_shorter(milliseconds(moved.ms < 0 ? -moved.ms : moved.ms), WARN_FROM))
		log_event(LOG_WARN, "clock_set", LOG_NUMBER("ms", moved.ms),
			LOG_TEXT("reason", "the clock of this machine differs from the database's clock"),
			LOG_TEXT("action",
				"synchronize both machines with NTP; until then kycd uses the database's clock"));
}

enum err clock_sync_run(const struct world *world, struct arena *a)
{
	const int64_t started = world_ticks(world);
	moment now;

	if (!world->store->shared)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, read_store_clock, &now));
	const duration round_trip = milliseconds(world_ticks(world) - started);
	if (duration_is_shorter(round_trip, ROUND_TRIP_MAX))
		warn_if_far_off(world->clock->ops->sync(
			world->clock, moment_add(now, milliseconds(round_trip.ms / 2))));
	return OK;
}
