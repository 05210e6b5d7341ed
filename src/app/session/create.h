/* `POST /kyc/create/:kyc_type`: creates a session at the provider, or resumes the person's open session.
 * Blocks while the provider answers, and opens short transactions of its own. Parallel calls for one person
 * cause only one call of the provider (app/session/single_flight). */
#pragma once

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "app/session/single_flight.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/flow.h"
#include "port/provider.h"
#include "port/world.h"

enum create_outcome {
	CREATE_OUTCOME_CREATED,	 /* a session was created or resumed: see `ref` and `url` */
	CREATE_OUTCOME_APPROVED, /* the person is approved already: see `ref` */
	CREATE_OUTCOME_NOT_PREPARED,
	CREATE_OUTCOME_UNVERIFIED,
	CREATE_OUTCOME_MISMATCH, /* the two addresses are not known to belong to one person */
	CREATE_OUTCOME_OVER_QUOTA,
	CREATE_OUTCOME_REFUSED, /* see `refusal` */
	CREATE_OUTCOME_FAILED,	/* the provider created no session: see `failure` */
	CREATE_OUTCOME_TIMEOUT, /* the time for this call ran out before a session was created */
	CREATE_OUTCOME_PAUSED,	/* the provider was not called: try again after `wait` */
};

enum create_refusal {
	CREATE_REFUSAL_TRIES,	  /* all tries are used up, until `next_try_at` */
	CREATE_REFUSAL_BLOCKLIST, /* there is a blocklist warning */
	CREATE_REFUSALS
};

struct create_result {
	enum create_outcome outcome;
	enum create_refusal refusal;
	moment next_try_at;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	struct provider_failure failure;
	duration wait;
};

struct create_params {
	const struct caller *caller;
	const struct flow *flow;
	struct identifier identifier;
	struct str language;	  /* may be empty */
	struct identifier second; /* the person's other address; second.normal.n is 0 if none was given */
};

enum err app_create_session(const struct world *world, struct single_flights *single_flights, struct arena *a,
	const struct create_params *params, struct create_result *out) must_use;
