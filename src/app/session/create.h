/* `POST /kyc/create/:kyc_type`: makes a session at the provider, or resumes the one there is. Waits; opens
 * short transactions of its own; parallel calls for one person make one provider call
 * (app/session/single_flight). */
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
	CREATED,	  /* made or resumed: `ref` and `url` */
	CREATED_APPROVED, /* approved already: `ref` */
	CREATED_NOT_PREPARED,
	CREATED_UNVERIFIED,
	CREATED_MISMATCH, /* two addresses that are not one person's */
	CREATED_OVER_QUOTA,
	CREATED_REFUSED, /* tries used up, or a blocklist sign */
	CREATED_FAILED,	 /* the provider did not make one: `cause` */
	CREATED_TIMEOUT, /* somebody else was asking the provider for too long */
	CREATED_PAUSED,	 /* the provider was not asked: come again after `wait` */
};

struct create_result {
	enum create_outcome outcome;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	enum provider_cause cause;
	duration wait;
};

struct create_params {
	const struct caller *caller;
	const struct flow *flow;
	struct identifier identifier;
	struct str language;	  /* may be empty */
	struct identifier second; /* the person's other address; also.normal.n == 0: none was named */
};

enum err app_create_session(const struct world *world, struct single_flights *single_flights, struct arena *a,
	const struct create_params *params, struct create_result *out) must_use;
