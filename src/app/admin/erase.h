/* `user erase`: the person's key is destroyed, and with it all that was sealed under it; what could find them
 * is removed. Left are rows without anything personal: an empty person, sessions with the provider's ids and
 * outcomes, the trail, quotas. Nobody is called: what the provider holds is deleted there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/admin/person_search.h"
#include "base/arena.h"

struct erasure {
	/* letters: those that were waiting; claims: on its e-mails, and by its wallet */
	size_t addresses, tenants, codes, claims, letters, sessions;
	struct str provider_sessions; /* their ids, one a line; in the arena */
	bool blocklisted;	      /* a sign of the blocklist is forgotten with the person */
};

struct erasures {
	struct person_search search;
	struct erasure list[PERSON_SEARCH_MAX];
};

/* Of every group in which the address is known, or of one: all or nothing. `really` false: only counts what
 * would go. Of nobody when `people` says so. */
enum err app_erase(const struct world *world, struct arena *a, const struct person_selector *selector,
	bool really, struct erasures *out) must_use;
