/* Notes: sessions that the provider is being asked for. One whose instance died is repaired, whether or not
 * its person comes again: its unit of quota is somebody's next session. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/audit.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

/* From here on a note that is not ours is a dead one's: twice the provider's time-out, by the store's clock.
 */
duration pending_session_max_age(const struct world *world);
/* Is it there, and still a note? */
enum err pending_session_is_current(struct tx *tx, const struct session *pending, bool *out) must_use;
/* How a note ended without a session of ours. */
struct pending_session_end {
	enum audit_action action;
	const char *reason;   /* a word for the trail */
	bool may_be_orphaned; /* the provider may have made one all the same */
};
extern const struct pending_session_end pending_session_abandoned;
/* The unit goes back to its month. In doubt the person's next `create` looks for what may be there before it
 * asks for another one; where the provider cannot be searched (v1) an orphan is accepted: its events find
 * nobody and are counted. Nothing happens where it does not stand any more: somebody else dropped it. */
enum err pending_session_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *pending, const struct pending_session_end *end) must_use;
/* Repairs what dead instances left, a bounded number per call. */
enum err pending_session_repair_all(const struct world *world, struct arena *a) must_use;
