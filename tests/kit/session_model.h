/* How a made-up session may live at the provider (didit-api.md 5): for tests that let many of them live.
 * Written down once more, apart from what domain/verification has, so that the two are held against each
 * other. */
#pragma once

#include "domain/verification.h"

/* By rows; STATUS_CREATING ends a row. What is likelier stands more than once. */
/* clang-format off */
static const enum session_status life_steps[STATUS_COUNT][6] = {
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

/* So many steps may follow; 0: it ends here. */
static inline unsigned life_ways(enum session_status s)
{
	unsigned n = 0;

	while (life_steps[s][n] != STATUS_CREATING)
		n++;
	return n;
}
