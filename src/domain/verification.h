/* The KYC state machine: one table of the provider's statuses (didit-api.md 5) and what they mean to us
 * (starkfi-kyc-api.md 8.1), and one of what may follow what. What is not in the table does not happen. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"

/* Rows hold these numbers: new ones go before STATUS_COUNT, none is ever taken out once released. */
enum session_status {
	STATUS_CREATING, /* ours: the provider is being asked */
	STATUS_NOT_STARTED,
	STATUS_IN_PROGRESS,
	STATUS_AWAITING_USER,
	STATUS_RESUBMITTED,
	STATUS_IN_REVIEW,
	STATUS_APPROVED,
	STATUS_DECLINED,
	STATUS_EXPIRED,
	STATUS_ABANDONED,
	STATUS_KYC_EXPIRED,
	STATUS_COUNT
};

/* The provider's spelling ("Not Started"), exact; "KYC Expired" is read too. False: unknown. Ours are never
 * read. */
bool session_status_parse(struct str text, enum session_status *out);
const char *session_status_provider_name(
	enum session_status s); /* the provider's spelling; ours: "Creating", "Failed" */
const char *session_status_api_name(
	enum session_status s); /* `data.status`: pending, in_review, approved, declined, expired */
bool session_status_is_open(enum session_status s); /* can be resumed */
bool session_status_is_final(enum session_status s);
bool session_status_is_internal(enum session_status s); /* CREATING and FAILED: not seen by integrators */

/* How a new status came to us. */
enum status_source { STATUS_FROM_EVENT, STATUS_FROM_POLL };

enum transition_verdict {
	TRANSITION_APPLIED,    /* the status is now `heard` */
	TRANSITION_UNCHANGED,  /* it was already; newer facts may still be taken over */
	TRANSITION_STALE,      /* older than what we know: changes nothing */
	TRANSITION_NEEDS_POLL, /* same second and not clearly forward, or not in the table: ask the provider
				*/
};

/* Word comes at time `at` that the status is `heard` (never one of ours), of a session whose status `known`
 * has been true since `since` (0: never heard). An event tells whole seconds of the provider's clock and is
 * compared as such: within the second of `since` it is taken only where no way leads back. CREATING counts as
 * Not Started, FAILED is never moved by an event. A reading is the truth at its time and is always taken
 * unless older. `at` and `since` are of one clock: for events the provider's, for readings ours. */
enum transition_verdict session_status_transition(enum session_status known, moment since,
	enum session_status heard, moment at, enum status_source source);
/* May `to` follow `from` in one or more steps of the provider? */
bool session_status_can_reach(enum session_status from, enum session_status to);
/* In one step; CREATING becomes Not Started when the provider has made the session. For `kycd states`. */
bool session_status_can_change_to(enum session_status from, enum session_status to);
