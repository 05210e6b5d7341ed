#include "domain/event.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"

static const char *const outcome_words[] = {
	[EVENT_APPLIED] = "applied",
	[EVENT_SAME] = "same",
	[EVENT_STALE] = "stale",
	[EVENT_DOUBTFUL] = "doubtful",
	[EVENT_UNKNOWN_STATUS] = "unknown_status",
	[EVENT_ERASED] = "erased",
	[EVENT_UNKNOWN_SESSION] = "unknown_session",
	[EVENT_NOT_FOLLOWED] = "not_followed",
	[EVENT_TEST] = "test",
	[EVENT_ASKED] = "asked",
};

const char *event_outcome_word(enum event_outcome o)
{
	assert(o < array_len(outcome_words) && outcome_words[o] != NULL);
	return outcome_words[o];
}
