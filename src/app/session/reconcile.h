/* Reconciliation: polls sessions at the provider for which no event arrived, so that lost events do no harm.
 * Polls the session that has been due for the longest time. Open sessions come before final ones, but every
 * fourth poll is for a final session. Polls that callers wait for or have requested use the same budget of
 * the provider and come first. Results are applied like events (app/session/decision). Not thread-safe. No
 * transaction is open while the provider is called. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/verification.h"
#include "port/world.h"

/* If the last heartbeat is older than this when an instance starts to reconcile, events may have been lost,
 * and all final sessions are polled again. */
#define RECONCILE_DOWN minutes(5)
/* How often a heartbeat is written. */
#define HEARTBEAT_INTERVAL minutes(1)

/* Every RECONCILE_CYCLES-th poll is for a final session, so that many due open sessions do not block final
 * ones. */
#define RECONCILE_CYCLES 4

struct reconcile {
	moment final_due_before;      /* final sessions that were last updated before this moment are due */
	size_t skipped[STATUS_COUNT]; /* for each status, how many of the oldest due sessions are skipped
					 because they could not be polled */
	int64_t retry_at;	      /* the tick at which skipped sessions are tried again */
	/* Counts polls from 0 to RECONCILE_CYCLES - 1, then starts again; the poll with the last number is
	 * for a final session. */
	size_t cycle;
};

enum reconcile_verdict {
	RECONCILE_READ,	  /* a session was processed, and there may be more */
	RECONCILE_DONE,	  /* nothing is due */
	RECONCILE_PAUSED, /* the provider must not be called at present */
};

/* Called once, before the first reconcile_step. Checks by the age of the last heartbeat whether events may
 * have been lost. */
enum err reconcile_begin(const struct world *world, struct arena *a, struct reconcile *reconcile) must_use;
/* Writes a heartbeat. */
enum err reconcile_heartbeat(const struct world *world, struct arena *a) must_use;
/* Polls the next due session, if there is one. */
enum err reconcile_step(const struct world *world, struct arena *a, struct reconcile *reconcile,
	enum reconcile_verdict *out) must_use;
