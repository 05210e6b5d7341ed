#include "app/core/clock_sync.h"

#include "base/log.h"
#include "port/store.h"

#define ANSWER_MAX seconds(1)
/* From here on the operator is told. */
#define FAR seconds(1)

static enum err look(struct tx *tx, void *arg)
{
	return store_clock(tx, arg);
}

static void tell(duration moved)
{
	if (!duration_is_shorter(milliseconds(moved.ms < 0 ? -moved.ms : moved.ms), FAR))
		log_event(LOG_WARN, "clock_set", LOG_NUMBER("ms", moved.ms),
			LOG_TEXT("reason", "this machine's clock and the database's are not the same"),
			LOG_TEXT("action", "let both be set by NTP; until then the database's counts"));
}

enum err clock_sync_run(const struct world *world, struct arena *a)
{
	const int64_t asked = world_ticks(world);
	moment now;

	if (!world->store->shared)
		return OK;
	TRY(store_transact(world->store, TX_READ, a, look, &now));
	const duration took = milliseconds(world_ticks(world) - asked);
	if (duration_is_shorter(took, ANSWER_MAX))
		tell(world->clock->ops->sync(world->clock, moment_add(now, milliseconds(took.ms / 2))));
	return OK;
}
