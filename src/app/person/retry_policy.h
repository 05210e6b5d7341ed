/* May this person have another session? Gathers from the rows what the rule in domain/session wants to know,
 * and asks it. */
#pragma once

#include "app/person/kyc_status.h"
#include "base/err.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

struct retry_check {
	struct create_facts facts; /* points into `standing` */
	moment oldest_try;	   /* of the newest tries that the rule counts; 0: none */
	enum create_verdict verdict;
};

enum err retry_policy_check(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, struct retry_check *out) must_use;
