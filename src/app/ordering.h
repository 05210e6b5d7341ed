/* Asks the provider for the session that was noted, and records what came. Where an earlier question went
 * without an answer, what that one may have left is looked for first: nothing is asked for twice blindly.
 * Waits; opens short transactions of its own. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/audit.h"
#include "domain/session.h"
#include "domain/user.h"
#include "port/provider.h"
#include "port/world.h"

struct ordering {
	const struct world *world;
	const struct actor *actor;
	struct str language; /* empty: as last asked for */
	struct user user;
	struct session note;
};

enum order_verdict {
	ORDER_MADE,   /* recorded: `ref`, `url` */
	ORDER_FAILED, /* the note is gone: `cause`; PROVIDER_PAUSED: nothing was asked */
	ORDER_GONE,   /* the person was erased meanwhile */
	ORDER_LATE,   /* it took so long that others took us to be dead, and cleared up behind us */
};

struct ordered {
	enum order_verdict verdict;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	enum provider_cause cause;
};

enum err order_session(const struct ordering *ordering, struct arena *a, struct ordered *out) must_use;
