#include "app/core/clock_sync.h"

#include "base/log.h"
#include "domain/expiry.h"
#include "port/store.h"

#define ROUND_TRIP_MAX seconds(1)
/* Differences of this size or larger are logged. */
#define WARN_FROM seconds(1)

static enum err read_store_clock(struct tx *tx, void *arg)
{
	return store_clock(tx, arg);
}

static void log_jump(const char *clock, duration jump)
{
	log_event(LOG_WARN, "clock_jumped", LOG_WORD("clock", clock), LOG_NUMBER("ms", jump.ms),
		LOG_TEXT("reason", "the clock was set, or this machine was suspended"),
		LOG_TEXT("effect",
			jump.ms < 0
				? "codes and challenges of this process still expire in time; what earlier "
				  "processes issued in the future is expired"
				: "codes and challenges expire early"),
		LOG_TEXT("action",
			"check the time synchronization; if the clock was set back, restart kycd when the clock is right"));
}

/* The first difference shows that two clocks differ, a later one that the database's clock was set. */
static void warn_if_far_off(const struct world *world, duration moved)
{
	const bool was_synced = atomic_exchange(&world->clock->is_synced, true);

	if (was_synced && is_clock_jump(moved))
		log_jump("database", moved);
	else if (!duration_is_shorter(milliseconds(moved.ms < 0 ? -moved.ms : moved.ms), WARN_FROM))
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
		warn_if_far_off(world, world->clock->ops->sync(world->clock,
					       moment_add(now, milliseconds(round_trip.ms / 2))));
	return OK;
}

/* Reads the wall clock between two readings of the ticks. If the thread was interrupted in between, the
 * comparison would show a jump that did not happen: this round is skipped. */
void clock_monitor_run(const struct world *world, struct clock_monitor *monitor)
{
	const int64_t before = world_ticks(world);
	const moment now = world_machine_now(world);
	const int64_t offset = now.ms - before;

	if (!duration_is_shorter(milliseconds(world_ticks(world) - before), ROUND_TRIP_MAX))
		return;
	if (monitor->has_offset && is_clock_jump(milliseconds(offset - monitor->offset)))
		log_jump("machine", milliseconds(offset - monitor->offset));
	monitor->offset = offset;
	monitor->has_offset = true;
}
