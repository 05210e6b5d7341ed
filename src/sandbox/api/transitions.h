/* Status changes of sessions: sets a status, queues the webhook events for it, and expires sessions. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

/* How long a session's link is valid (didit-api.md 5). After that a session that was never opened becomes
 * Expired, and an opened one Abandoned. Didit does not publish the delay for Abandoned; the sandbox uses the
 * same. */
#define SESSION_LINK_LIFETIME days(7)

/* Queues an event with the present status for all destinations. `held`: the event waits until the response of
 * the current request has been sent (sandbox_served). */
void session_notify(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now, bool held);
/* Queues an event for a correction of the session's data. v1 destinations get none: v1 has no such event. */
void session_notify_correction(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now);
/* Queues an event with the present status for one destination. */
void session_notify_destination(struct sandbox_ctx *sandbox, const struct sandbox_session *session,
	const struct destination *destination, moment now);
/* Sets the status and queues the event for it. */
void session_set_status(struct request_ctx *ctx, struct sandbox_session *session, enum didit_status status);
/* If the session's link has expired, or the document of an approved session, sets the matching status and
 * queues the event for it. */
void session_expire(struct sandbox_ctx *sandbox, struct sandbox_session *session, moment now, bool held);
/* True if events with this status contain the decision (didit-api.md 2.5, 7.3; where section 13 gives two
 * lists of statuses, the longer one). */
bool event_has_decision(enum didit_status status);
/* Return the session whose id or token is in the path, or NULL. They call session_expire for it. */
struct sandbox_session *session_find(struct request_ctx *ctx);
struct sandbox_session *session_find_by_token(struct request_ctx *ctx);
