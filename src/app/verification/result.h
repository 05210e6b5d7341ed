/* Result tokens: the way back to the tenant's page carries one, and the tenant's back-end redeems it once. A
 * browser's word alone proves nothing. */
#pragma once

#include "app/verification/manage.h"
#include "app/verification/visit.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

struct verification_return {
	/* Where the browser goes: the link's return URL with `link_id` and `result` added to its query.
	 * Empty: the link is neither open nor completed, nobody has verified an address, or it has no return
	 * URL. */
	struct str location;
};

/* Makes a result token. Called by a POST only. Tokens live 10 minutes; of one link, at most
 * VERIFICATION_RESULTS_MAX are outstanding. */
enum err verification_link_make_result(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct verification_return *out) must_use;

struct verification_redemption {
	bool is_redeemed; /* false: the token is unknown, expired, used or of another link */
	struct verification_link_status link;
};

/* Redeems a result token of this link. Returns ERR_NOT_FOUND if the tenant has no such link. */
enum err verification_link_redeem_result(const struct world *world, struct arena *a,
	const struct caller *caller, const struct verification_link_id *id, struct str token,
	struct verification_redemption *out) must_use;
