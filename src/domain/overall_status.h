/* The overall status of a person, as tenants are told it (starkfi-kyc-api.md 8.1, spec/events.md 1). Several
 * statuses of a session have the same overall status. Pure. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "domain/verification.h"

/* The database stores these numbers: never change or remove one. */
enum overall_status {
	OVERALL_PENDING = 1,
	OVERALL_IN_REVIEW,
	OVERALL_APPROVED,
	OVERALL_DECLINED,
	OVERALL_EXPIRED,
	OVERALL_STATUS_COUNT
};

/* Returns "pending", "in_review", "approved", "declined" or "expired". */
const char *overall_status_name(enum overall_status status);
/* Returns false for every other text. */
bool overall_status_parse(struct str name, enum overall_status *out);
/* Returns the overall status of a person whose current session has this status. A person without a session
 * is OVERALL_PENDING. */
enum overall_status overall_status_of(enum session_status session);
