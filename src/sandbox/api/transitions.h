/* Status changes of sessions: sets a status, queues the webhook events for it, and expires sessions. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

/* How long a session's link is valid (didit-api.md 5). Afterwards, a session that was never opened becomes
 * Expired, and one that was opened becomes Abandoned. Didit does not document the delay for Abandoned, so the
 * sandbox uses the same for both. */
#define SESSION_LINK_LIFETIME days(7)

/* Queues an event with the session's current status for all destinations. If `held`, the event is not sent
 * before the response to the current request has been sent (sandbox_served). */
void session_notify(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now, bool held);
/* Queues an event for a correction of the session's data. Destinations of v1 get none, because v1 has no such
 * event. */
void session_notify_correction(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now);
/* Queues an event with the session's current status for one destination. */
void session_notify_destination(struct sandbox_ctx *sandbox, const struct sandbox_session *session,
	const struct destination *destination, moment now);
/* Sets the session's status and queues the event for it. */
void session_set_status(struct request_ctx *ctx, struct sandbox_session *session, enum didit_status status);
/* If the link of an open session or the document of an approved session has expired, sets the matching status
 * and queues the event for it. */
void session_expire(struct sandbox_ctx *sandbox, struct sandbox_session *session, moment now, bool held);
/* Returns true if events with this status contain the decision (didit-api.md 2.5, 7.3). Section 13 of
 * didit-api.md has two lists of these statuses; this is the longer one. */
bool event_has_decision(enum didit_status status);
/* Returns the session whose id is in the path, or NULL. Calls session_expire for it. */
struct sandbox_session *session_find(struct request_ctx *ctx);
/* Returns the session whose token is in the path, or NULL. Calls session_expire for it. */
struct sandbox_session *session_find_by_token(struct request_ctx *ctx);
