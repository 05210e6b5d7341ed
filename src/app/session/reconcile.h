/* Reconciliation: polls sessions at the provider for which no event arrived, so that lost events do no harm.
 * Polls the session that has been due for the longest time; open sessions come before final ones, but every
 * fourth poll is for a final one. Polls share the provider's budget with those that callers wait for or have
 * requested, which come first. Results are applied as for events (app/session/decision). Not thread-safe; no
 * transaction is open while the provider is called. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/verification.h"
#include "port/world.h"

/* If the last heartbeat is older than this at a start, events may have been lost, and all final sessions are
 * polled again. */
#define RECONCILE_DOWN minutes(5)
/* How often a heartbeat is written. */
#define HEARTBEAT_INTERVAL minutes(1)

/* Every RECONCILE_CYCLES-th poll is for a final session, so that many due open ones do not block them. */
#define RECONCILE_CYCLES 4

struct reconcile {
	moment final_due_before;      /* final sessions without an update since then are due */
	size_t skipped[STATUS_COUNT]; /* how many of the oldest due could not be polled and are skipped */
	int64_t retry_at;	      /* ticks at which skipped sessions are tried again */
	size_t cycle;		      /* from 0 to RECONCILE_CYCLES - 1; the last is for final sessions */
};

enum reconcile_verdict {
	RECONCILE_READ,	  /* a session was processed: there may be more */
	RECONCILE_DONE,	  /* nothing is due */
	RECONCILE_PAUSED, /* the provider must not be called at present */
};

/* To be called once, at the start: checks by the last heartbeat whether events may have been lost. */
enum err reconcile_begin(const struct world *world, struct arena *a, struct reconcile *reconcile) must_use;
/* Writes a heartbeat. */
enum err reconcile_heartbeat(const struct world *world, struct arena *a) must_use;
/* Polls the next due session, if there is one. */
enum err reconcile_step(const struct world *world, struct arena *a, struct reconcile *reconcile,
	enum reconcile_verdict *out) must_use;
