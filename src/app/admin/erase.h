/* `kycd user erase` and the console: erases a person. Destroys the person's keys, so that everything sealed
 * under them becomes unreadable, and removes everything that the person could be found by. Rows without
 * personal data remain: an empty user, sessions with the provider's ids and outcomes, the audit log, quotas.
 * The provider is not contacted; operators delete the person's data there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/admin/person_search.h"
#include "base/arena.h"
#include "domain/audit.h"

struct erasure {
	/* The numbers of erased objects. */
	size_t addresses, tenants, codes;
	size_t claims; /* claims of wallets on the person's e-mails, and claims of the person's wallet */
	size_t mails;  /* e-mails that were not sent yet */
	size_t sessions;
	size_t links;		      /* verification links that lose what they have of the person */
	size_t operator_notes;	      /* of operators (app/console/operator_notes.h) */
	struct str provider_sessions; /* the provider's ids of the sessions, one per line; in the arena */
	bool blocklisted;	      /* a blocklist warning was erased with the person */
};

struct erasures {
	struct person_search search;
	struct erasure list[PERSON_SEARCH_MAX];
};

/* Erases the person in every group in which the address is known, or in the selected group, in one
 * transaction. `actor` is who does it, for the audit log. If `really` is false, only counts what would be
 * erased. Nothing is erased unless out->search.verdict is PERSON_SEARCH_FOUND. */
enum err app_erase(const struct world *world, struct arena *a, const struct actor *actor,
	const struct person_selector *selector, bool really, struct erasures *out) must_use;
