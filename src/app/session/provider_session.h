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

struct session_request {
	const struct world *world;
	const struct actor *actor;
	struct str language; /* empty: as last asked for */
	struct user user;
	struct session pending;
};

enum session_request_verdict {
	SESSION_REQUEST_CREATED, /* recorded: `ref`, `url` */
	SESSION_REQUEST_FAILED,	 /* the note is gone: `cause`; PROVIDER_PAUSED: nothing was asked */
	SESSION_REQUEST_ERASED,	 /* the person was erased meanwhile */
	SESSION_REQUEST_TIMEOUT, /* it took so long that others took us to be dead, and cleared up behind us
				  */
};

struct session_result {
	enum session_request_verdict verdict;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	enum provider_cause cause;
};

enum err provider_session_create(
	const struct session_request *request, struct arena *a, struct session_result *out) must_use;
