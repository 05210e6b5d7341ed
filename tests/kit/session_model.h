/* A model of the provider's sessions, for tests that simulate many random sessions: it defines which status
 * may follow which (didit-api.md, section 5). The model is deliberately independent of domain/verification,
 * so that tests can compare the two. */
#pragma once

#include "domain/verification.h"

/* For each status, the statuses that may follow it; STATUS_CREATING ends a row. Likely transitions are listed
 * twice. */
/* clang-format off */
static const enum session_status session_transitions[STATUS_COUNT][6] = {
	[STATUS_NOT_STARTED]   = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_EXPIRED },
	[STATUS_IN_PROGRESS]   = { STATUS_APPROVED, STATUS_DECLINED, STATUS_IN_REVIEW, STATUS_ABANDONED,
				   STATUS_AWAITING_USER },
	[STATUS_AWAITING_USER] = { STATUS_IN_PROGRESS },
	[STATUS_RESUBMITTED]   = { STATUS_IN_PROGRESS },
	[STATUS_IN_REVIEW]     = { STATUS_APPROVED, STATUS_DECLINED, STATUS_RESUBMITTED },
	[STATUS_APPROVED]      = { STATUS_KYC_EXPIRED, STATUS_DECLINED, STATUS_RESUBMITTED },
	[STATUS_DECLINED]      = { STATUS_APPROVED, STATUS_RESUBMITTED },
	[STATUS_ABANDONED]     = { STATUS_APPROVED, STATUS_DECLINED, STATUS_RESUBMITTED },
	[STATUS_KYC_EXPIRED]   = { STATUS_APPROVED, STATUS_DECLINED, STATUS_RESUBMITTED },
};
/* clang-format on */

/* Returns the number of statuses that may follow `s`; 0 if `s` is final. */
static inline unsigned session_transition_count(enum session_status s)
{
	unsigned n = 0;

	while (session_transitions[s][n] != STATUS_CREATING)
		n++;
	return n;
}
