/* Applies what the provider reports about a session, by event or by poll, to the session's row. Events and
 * polls are processed by the same code. Events are received in app/session/provider_event. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "base/err.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* The largest difference expected between the provider's clock, which events carry, and kycd's clock, which
 * polls carry. An event that contradicts the last poll and is newer by less than this is not trusted; the
 * session is polled instead (didit-api.md 2.5: 300 s). */
#define CLOCK_SKEW_MAX seconds(300)
/* For this long after its creation, a session may still be missing in kycd's store, because `create` has not
 * finished (interface.md 3). */
#define SESSION_CREATE_GRACE minutes(10)

/* A status that an event or a poll reported. */
struct status_update {
	enum session_status status;
	enum status_source source;
	moment at;			 /* by the provider's clock for events, by kycd's for polls */
	const struct decision *decision; /* NULL if none was reported */
};

/* Evaluates the rule for this update without changing the session. */
enum transition_verdict decision_evaluate(const struct session *session, const struct status_update *update);
/* Changes and saves the session as `transition` requires. TRANSITION_STALE and TRANSITION_NEEDS_POLL change
 * nothing. */
enum err decision_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct status_update *update,
	enum transition_verdict transition) must_use;
/* Sets `is_void` to whether the session's person was erased. If so, nothing that is reported about the
 * session may be stored. */
enum err decision_is_void(struct tx *tx, const struct session *session, bool *is_void) must_use;

/* Polls one session now and stores what the provider reports. Blocks, so it must not be called inside a
 * transaction. Returns ERR_NOT_FOUND if the session is not in the database; ERR_UPSTREAM or ERR_BUSY if the
 * provider gave no answer, with the reason in `*cause`. */
enum err app_poll_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct poll_params *params, enum provider_cause *cause) must_use;

/* Writes the part of a decision that is stored, before it is sealed: `ip_info`, the warnings, and the results
 * of the checks, each as a JSON array on a line of its own. Decisions that an older version stored have no
 * results. */
enum err decision_write(const struct decision *decision, struct arena *a, struct str *out) must_use;
/* Returns the `ip_info` array of a stored decision. */
struct str decision_ip_info(struct str stored);
