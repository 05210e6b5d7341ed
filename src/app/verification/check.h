/* Hands the person of a verification link over to the provider. */
#pragma once

#include "app/session/create.h"
#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

struct verification_check_params {
	struct verification_visit visit;
	struct str language; /* of the page */
};

struct verification_check_result {
	bool is_closed; /* the link is not open, or nobody has verified an address: `create` is not set */
	/* As for POST /kyc/create/:kyc_type; `url` is where the person goes on. */
	struct create_result create;
};

/* Creates or resumes the session of the link's person (app_create_session) and stores it in the link. Blocks
 * while the provider answers. */
enum err verification_link_create_session(const struct world *world, struct single_flights *single_flights,
	struct arena *a, const struct verification_check_params *params,
	struct verification_check_result *out) must_use;
