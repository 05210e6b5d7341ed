/* `POST /kyc/create/:kyc_type`: makes a session at the provider, or resumes the one there is. Waits; opens
 * short transactions of its own; parallel calls for one person make one provider call (app/flight). */
#pragma once

#include "app/caller.h"
#include "app/flight.h"
#include "app/party.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/flow.h"
#include "port/provider.h"
#include "port/world.h"

enum create_outcome {
	CREATED,	  /* made or resumed: `ref` and `url` */
	CREATED_APPROVED, /* approved already: `ref` */
	CREATED_UNPREPARED,
	CREATED_UNPROVEN,
	CREATED_MISMATCH, /* two addresses that are not one person's */
	CREATED_OVER_QUOTA,
	CREATED_REFUSED, /* tries used up, or a blocklist sign */
	CREATED_FAILED,	 /* the provider did not make one: `cause` */
	CREATED_LATE,	 /* somebody else was asking the provider for too long */
	CREATED_PAUSED,	 /* the provider was not asked: come again after `wait` */
};

struct created {
	enum create_outcome outcome;
	struct provider_ref ref;
	struct str url; /* in the call's arena */
	enum provider_cause cause;
	duration wait;
};

struct create_order {
	const struct caller *caller;
	const struct flow *flow;
	struct identity who;
	struct str language;  /* may be empty */
	struct identity also; /* the person's other address; also.normal.n == 0: none was named */
};

enum err app_create_session(const struct world *world, struct flights *flights, struct arena *a,
	const struct create_order *order, struct created *out) must_use;
