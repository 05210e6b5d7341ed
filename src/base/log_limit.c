#include "base/log_limit.h"

#include <limits.h>
#include <stdbool.h>

#include "base/moment.h"

#define LOG_INTERVAL minutes(1)

int log_limit_count(struct log_limit *limit, int64_t ticks)
{
	int64_t next_at = atomic_load(&limit->next_at);
	/* the second condition is for a test's clock that starts again */
	const bool due = ticks >= next_at || ticks < next_at - LOG_INTERVAL.ms;

	if (atomic_load(&limit->times) < INT_MAX)
		atomic_fetch_add(&limit->times, 1);
	return due && atomic_compare_exchange_strong(&limit->next_at, &next_at, ticks + LOG_INTERVAL.ms)
		       ? atomic_exchange(&limit->times, 0)
		       : 0;
}
