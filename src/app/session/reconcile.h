/* The truth without events: sessions that nothing was heard of are read from the provider, open ones before
 * final ones (which get a turn in four all the same), the oldest due first, within the provider's budget
 * (whoever is asked for goes first there).
 * What is found goes the same way in as an event (app/session/decision). For one thread; no transaction is
 * open while the provider is asked. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/verification.h"
#include "port/world.h"

/* A start that follows more than this without a sign of life sweeps all final sessions. */
#define RECONCILE_DOWN minutes(5)
/* How often a sign of life is written. */
#define HEARTBEAT_INTERVAL minutes(1)

/* So many open ones that are due do not keep final ones waiting for ever. */
#define RECONCILE_TURNS 4

struct reconcile {
	moment swept;		     /* final sessions that were not heard of since then are due */
	size_t passed[STATUS_COUNT]; /* so many of the oldest due could not be read */
	int64_t again_at;	     /* ticks at which they are tried again */
	size_t turn;		     /* of RECONCILE_TURNS, the last is that of final sessions */
};

enum reconcile_verdict {
	RECONCILE_READ,	  /* one was dealt with: there may be more */
	RECONCILE_DONE,	  /* nothing is due */
	RECONCILE_PAUSED, /* the provider is not to be asked now */
};

/* Once, at the start: was nobody there for long? */
enum err reconcile_begin(const struct world *world, struct arena *a, struct reconcile *reconcile) must_use;
/* A sign of life. */
enum err reconcile_heartbeat(const struct world *world, struct arena *a) must_use;
/* Deals with one session. */
enum err reconcile_step(const struct world *world, struct arena *a, struct reconcile *reconcile,
	enum reconcile_verdict *out) must_use;
