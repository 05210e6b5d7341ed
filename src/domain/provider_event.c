#include "domain/provider_event.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"

static const char *const outcome_names[] = {
	[EVENT_OUTCOME_APPLIED] = "applied",
	[EVENT_OUTCOME_UNCHANGED] = "unchanged",
	[EVENT_OUTCOME_STALE] = "stale",
	[EVENT_OUTCOME_NEEDS_POLL] = "needs_poll",
	[EVENT_OUTCOME_UNKNOWN_STATUS] = "unknown_status",
	[EVENT_OUTCOME_ERASED] = "erased",
	[EVENT_OUTCOME_UNKNOWN_SESSION] = "unknown_session",
	[EVENT_OUTCOME_NOT_TRACKED] = "not_tracked",
	[EVENT_OUTCOME_TEST] = "test",
	[EVENT_OUTCOME_POLLED] = "polled",
};

const char *provider_event_outcome_name(enum provider_event_outcome o)
{
	assert(o < array_len(outcome_names) && outcome_names[o] != NULL);
	return outcome_names[o];
}
