/* Writes the trail: one row per act, in the transaction of the act itself. */
#pragma once

#include "base/err.h"
#include "domain/trail.h"
#include "port/store.h"
#include "port/world.h"

struct deed {
	enum act act;
	const char *subject; /* opaque id */
	const char *tenant;  /* id, or "" */
	const char *note;    /* fixed word or number, or "" */
};

enum err trail_note(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct deed *deed) must_use;
