/* Applies what the provider reports about a session, by event or by poll, to the session's row. Both take the
 * same path. Events are received in app/session/provider_event. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "base/err.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* Events carry the provider's clock, polls ours, and the clocks may differ by this much. An event that
 * contradicts the last poll and is not clearly newer is not trusted: the session is polled.
 * (didit-api.md 2.5: 300 s) */
#define CLOCK_SKEW_MAX seconds(300)
/* How long after its creation a session may still be unknown to our store, because `create` has not finished.
 * (interface.md 3) */
#define SESSION_CREATE_GRACE minutes(10)

/* A status that an event or a poll reported. */
struct status_update {
	enum session_status status;
	enum status_source source;
	moment at;			 /* for events by the provider's clock; for polls by ours */
	const struct decision *decision; /* NULL if none was reported */
};

/* Evaluates the rule for this update without changing the session. */
enum transition_verdict decision_evaluate(const struct session *session, const struct status_update *update);
/* Changes and saves the session as `transition` requires; TRANSITION_STALE and _NEEDS_POLL change nothing. */
enum err decision_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct status_update *update,
	enum transition_verdict transition) must_use;
/* Reports whether the session's person was erased. Nothing that is reported about the session may be stored
 * then. */
enum err decision_is_void(struct tx *tx, const struct session *session, bool *is_void) must_use;

/* Polls one session now and stores what the provider reports. Blocks: must not be called inside a
 * transaction. Returns ERR_NOT_FOUND if the session is unknown here; ERR_UPSTREAM or ERR_BUSY if the provider
 * gave no answer, with `*cause`. */
enum err app_poll_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct poll_params *params, enum provider_cause *cause) must_use;

/* Writes what is stored of a decision, before sealing: `ip_info` as a JSON array, a newline, the warnings as
 * a JSON array. */
enum err decision_write(const struct decision *decision, struct arena *a, struct str *out) must_use;
/* Returns the `ip_info` array of a stored decision. */
struct str decision_ip_info(struct str stored);
