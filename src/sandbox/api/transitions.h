/* A session's way through its statuses: each step is told to every webhook destination, and links run out. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

/* A link lives this long (didit-api.md 5): then an unopened session is Expired, and an opened one Abandoned,
 * for which Didit publishes no time of its own. */
#define SESSION_LINK_LIFETIME days(7)

/* The present status, to all destinations: what a create does. `held`: until the answer has left. */
void session_notify(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now, bool held);
/* That its data were corrected. v1 has no such event. */
void session_notify_correction(
	struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now);
/* The status to one destination. */
void session_notify_destination(struct sandbox_ctx *sandbox, const struct sandbox_session *session,
	const struct destination *destination, moment now);
/* Takes the status and tells it. */
void session_set_status(struct request_ctx *ctx, struct sandbox_session *session, enum didit_status status);
/* Ends the session if its link's life is over, and an approval whose document ran out. */
void session_expire(struct sandbox_ctx *sandbox, struct sandbox_session *session, moment now, bool held);
/* Events of these statuses carry the decision (didit-api.md 2.5, 7.3; of the lists in 13, the longer one). */
bool event_has_decision(enum didit_status status);
/* The session that the path names by its id or its token, lapsed if need be; NULL: there is none. */
struct sandbox_session *session_find(struct request_ctx *ctx);
struct sandbox_session *session_find_by_token(struct request_ctx *ctx);
