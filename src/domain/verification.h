/* The state machine of a verification session: a table of the provider's statuses (didit-api.md 5) with their
 * names in kycd's API (starkfi-kyc-api.md 8.1), and a table of the allowed transitions. Pure. `kycd states`
 * prints both tables. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"

/* The database stores these numbers: add a new status before STATUS_COUNT and never remove a released one. */
enum session_status {
	STATUS_CREATING, /* kycd's own status of a pending session, before the provider has created it */
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

/* Parses the provider's name of a status ("Not Started"). Letter case, spaces, hyphens and underscores do not
 * matter: "NOT_STARTED" is the same status. Returns false for every other text, including the name of
 * STATUS_CREATING. */
bool session_status_parse(struct str text, enum session_status *out);
/* Returns the provider's spelling, and "Creating" for STATUS_CREATING. */
const char *session_status_provider_name(enum session_status s);
/* Returns the value of `data.status` in the API: pending, in_review, approved, declined or expired. */
const char *session_status_api_name(enum session_status s);
/* Returns whether the status is open, which means that the person can still complete the session. */
bool session_status_is_open(enum session_status s);
bool session_status_is_final(enum session_status s);
/* Returns whether the status is STATUS_CREATING, which only kycd has and the provider does not. */
bool session_status_is_internal(enum session_status s);

/* The source of a reported status. */
enum status_source { STATUS_FROM_EVENT, STATUS_FROM_POLL };

enum transition_verdict {
	TRANSITION_APPLIED,    /* the reported status is the new one */
	TRANSITION_UNCHANGED,  /* the session already had this status; other facts of the report may be newer
				*/
	TRANSITION_STALE,      /* the report is older than what is known and changes nothing */
	TRANSITION_NEEDS_POLL, /* the order is unknown, or the table has no such transition: the provider must
				  be polled */
};

/* Decides about a report that the status was `reported` (not an internal one) at time `at`. The session's
 * status has been `known` since `since` (0: no report yet). STATUS_CREATING counts as Not Started.
 * - An event's time is in whole seconds of the provider's clock, and times are compared with that resolution.
 * An event in the same second as `since` is applied only when the reverse order of the two statuses is
 * impossible.
 * - A poll states the status at its time, and is applied unless it is older than `since`.
 * `at` and `since` must be of the same clock: the provider's for events, kycd's for polls. */
enum transition_verdict session_status_transition(enum session_status known, moment since,
	enum session_status reported, moment at, enum status_source source);
/* Returns whether the provider can move a session from `from` to `to` in one or more transitions. */
bool session_status_can_reach(enum session_status from, enum session_status to);
/* Returns whether one transition leads from `from` to `to`. STATUS_CREATING becomes Not Started when the
 * provider has created the session. For `kycd states`. */
bool session_status_can_change_to(enum session_status from, enum session_status to);
