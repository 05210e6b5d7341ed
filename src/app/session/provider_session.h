/* Calls the provider to create a session for a pending session, and stores the result. If an earlier request
 * for the same user had an unknown result, first searches the provider for the session that the earlier
 * request may have created, so that no second session is created. Blocks while the provider answers; opens
 * short transactions of its own. */
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
	struct str language; /* empty: the user's stored language is used */
	struct user user;
	struct session pending;
};

enum session_request_verdict {
	SESSION_REQUEST_CREATED, /* stored: see `ref` and `url` */
	SESSION_REQUEST_FAILED,	 /* the pending session was released: see `failure`; with PROVIDER_PAUSED, the
				    provider was not called */
	SESSION_REQUEST_ERASED,	 /* the person was erased while the provider was called */
	SESSION_REQUEST_TIMEOUT, /* the call took so long that another instance released the pending session
				  */
};

struct session_result {
	enum session_request_verdict verdict;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	struct provider_failure failure;
};

enum err provider_session_create(
	const struct session_request *request, struct arena *a, struct session_result *out) must_use;
