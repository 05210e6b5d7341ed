/* A session's way through its statuses: each step is told to every webhook destination, and links run out. */
#pragma once

#include <stdbool.h>

#include "sandbox/visit.h"

/* A link lives this long (didit-api.md 5): then an unopened session is Expired, and an opened one Abandoned,
 * for which Didit publishes no time of its own. */
#define SESSION_LIFE days(7)

/* The present status, to all destinations: what a create does. `held`: until the answer has left. */
void progress_tell(struct site *site, const struct sandbox_session *session, moment now, bool held);
/* That its data were corrected. v1 has no such event. */
void progress_tell_correction(struct site *site, const struct sandbox_session *session, moment now);
/* The status to one destination. */
void progress_tell_again(struct site *site, const struct sandbox_session *session,
	const struct destination *destination, moment now);
/* Takes the status and tells it. */
void progress_to(struct visit *visit, struct sandbox_session *session, enum didit_status status);
/* Ends the session if its link's life is over, and an approval whose document ran out. */
void progress_lapse(struct site *site, struct sandbox_session *session, moment now, bool held);
/* Events of these statuses carry the decision (didit-api.md 2.5, 7.3; of the lists in 13, the longer one). */
bool event_has_decision(enum didit_status status);
/* Adds a header with the HMAC-SHA256 of the message; `header` is static text. */
enum err event_sign(struct arena *a, struct event *event, const char *header, struct str secret,
	struct str message) must_use;
/* The session that the path names by its id or its token, lapsed if need be; NULL: there is none. */
struct sandbox_session *progress_find(struct visit *visit);
struct sandbox_session *progress_find_by_token(struct visit *visit);
