/* Notes: sessions that the provider is being asked for. One whose instance died is repaired, whether or not
 * its person comes again: its unit of quota is somebody's next session. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "domain/session.h"
#include "domain/trail.h"
#include "port/store.h"
#include "port/world.h"

/* From here on a note that is not ours is a dead one's: twice the provider's time-out. */
span note_stale_after(const struct world *world);
/* The unit goes back to its month; an orphan at the provider is accepted on v1: its events find nobody and
 * are counted. */
enum err note_drop(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *note, enum act act) must_use;
/* Repairs what dead instances left, a bounded number per call. */
enum err note_repair_all(const struct world *world, struct arena *a) must_use;
