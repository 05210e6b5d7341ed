/* Decides whether a person may start another session: collects the facts from the store and evaluates the
 * rule create_check of domain/session.h. */
#pragma once

#include "app/person/kyc_status.h"
#include "base/err.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

struct retry_check {
	struct create_facts facts; /* points into the `kyc_status` argument */
	moment oldest_try;	   /* creation of the oldest try that was counted; 0: no try was counted */
	moment next_try_at;	   /* when that try stops counting; 0: no try was counted */
	enum create_verdict verdict;
};

enum err retry_policy_check(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, struct retry_check *out) must_use;
