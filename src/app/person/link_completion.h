/* Completes the verification links of a person, in the transaction of the change that ends their check: a
 * decision of the provider, or the proof of somebody who is approved already. From then on the links stay
 * completed, whatever happens to the approval. */
#pragma once

#include <stdbool.h>

#include "app/person/kyc_status.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* Loads whether a link on whose pages this person has verified an address is completed
 * (verification_link_is_complete). */
enum err link_completion_load(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, bool *is_complete) must_use;
/* Completes the links of the person whom this user is part of, if the person's status says so. */
enum err link_completion_save(const struct world *world, struct tx *tx, const struct user_id *user) must_use;
