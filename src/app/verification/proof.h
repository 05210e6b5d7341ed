/* Records the first proof of a link, which decides whose link it is. */
#pragma once

#include "app/core/caller.h"
#include "app/verification/link_row.h"
#include "base/err.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

/* Opens the reference that the link was made with; empty: none. */
enum err link_proof_reference(const struct world *world, struct arena *a, const struct verification_link *row,
	struct str *out) must_use;
/* Gives the link to the person of this user, in the transaction that verified the user's address, and removes
 * what was kept of addresses. A person who is approved, or may have no further try, completes the link at
 * once. */
enum err link_proof_record(const struct world *world, struct tx *tx, struct visited_link *link,
	const struct user_id *user) must_use;
