#include "app/session/staleness.h"

#include "base/metrics.h"
#include "domain/session.h"
#include "port/store.h"

struct oldest_update {
	moment now, last_update; /* last_update is `now` if there is no open session */
};

/* Finds the oldest update of all open sessions, with one index lookup per open status. */
static enum err find_oldest_update(struct tx *tx, void *arg)
{
	struct oldest_update *const oldest = arg;
	struct session row;
	size_t n;

	for (int s = 0; s < STATUS_COUNT; s++) {
		const struct session probe = { .status = (enum session_status)s,
			.last_update_at = oldest->now };

		if (!session_status_is_open(probe.status))
			continue;
		TRY(store_find(tx, QUERY_SESSIONS_STALE, &probe, page_of(0, 1), &row, &n));
		if (n > 0 && moment_is_before(row.last_update_at, oldest->last_update))
			oldest->last_update = row.last_update_at;
	}
	return OK;
}

enum err session_staleness_measure(const struct world *world, struct arena *a)
{
	const moment now = world_now(world);
	struct oldest_update oldest = { now, now };

	TRY(store_transact(world->store, TX_READ, a, find_oldest_update, &oldest));
	metric_set(METRIC_STALE_SESSION_OLDEST, moment_diff(oldest.last_update, now).ms / 1000);
	return OK;
}
