/* What the provider says about a session, by event or by reading: one way in for both. Events:
 * app/session/provider_event. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "base/err.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

/* Events and readings bear two clocks; one that may lag the other by as much as an event may be late decides
 * nothing against a reading. (didit-api.md 2.5: 300 s) */
#define CLOCK_SKEW_MAX seconds(300)
/* interface.md 3: for this long our own create may still be on its way. */
#define SESSION_CREATE_GRACE minutes(10)

/* What came, from whichever side. */
struct status_update {
	enum session_status status;
	enum status_source source;
	moment at;			 /* events: the provider's time; readings: ours */
	const struct decision *decision; /* NULL: none came with it */
};

enum transition_verdict decision_evaluate(const struct session *session, const struct status_update *update);
/* Changes the row as the verdict has it; STALE and DOUBTFUL change nothing. */
enum err decision_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct status_update *update, enum transition_verdict step) must_use;
/* The person was erased: nothing that comes brings anything of them back. */
enum err decision_is_void(struct tx *tx, const struct session *session, bool *out) must_use;

/* Reads one session's decision now and takes it over. Waits: never inside a transaction. ERR_NOT_FOUND: no
 * such session with us; ERR_UPSTREAM, ERR_BUSY: the provider did not tell, with `*cause`. */
enum err app_poll_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct poll_params *params, enum provider_cause *cause) must_use;

/* The sealed form of what we keep: `ip_info` as a JSON array, a newline, the warnings as a JSON array. */
enum err decision_write(const struct decision *decision, struct arena *a, struct str *out) must_use;
struct str decision_ip_info(struct str kept);
