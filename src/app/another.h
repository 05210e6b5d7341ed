/* May this person have another session? Gathers from the rows what the rule in domain/session wants to know,
 * and asks it. */
#pragma once

#include "app/standing.h"
#include "base/err.h"
#include "domain/session.h"
#include "port/store.h"
#include "port/world.h"

struct another {
	struct create_facts facts; /* points into `standing` */
	moment oldest_try;	   /* of the newest tries that the rule counts; 0: none */
	enum create_verdict verdict;
};

enum err another_judge(const struct world *world, struct tx *tx, const struct party *party,
	const struct standing *standing, struct another *out) must_use;
