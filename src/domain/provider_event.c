#include "domain/provider_event.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"

static const char *const outcome_words[] = {
	[EVENT_OUTCOME_APPLIED] = "applied",
	[EVENT_OUTCOME_UNCHANGED] = "same",
	[EVENT_OUTCOME_STALE] = "stale",
	[EVENT_OUTCOME_NEEDS_POLL] = "doubtful",
	[EVENT_OUTCOME_UNKNOWN_STATUS] = "unknown_status",
	[EVENT_OUTCOME_ERASED] = "erased",
	[EVENT_OUTCOME_UNKNOWN_SESSION] = "unknown_session",
	[EVENT_OUTCOME_NOT_TRACKED] = "not_followed",
	[EVENT_OUTCOME_TEST] = "test",
	[EVENT_OUTCOME_POLLED] = "asked",
};

const char *provider_event_outcome_name(enum provider_event_outcome o)
{
	assert(o < array_len(outcome_words) && outcome_words[o] != NULL);
	return outcome_words[o];
}
