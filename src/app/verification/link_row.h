/* The row of a verification link as the use cases need it: found by its token, with its tenant, and with its
 * sealed values opened. The values are sealed with a key of the database, because before the proof no person
 * is known whose key could seal them. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/person.h"
#include "app/verification/visit.h"
#include "base/err.h"
#include "domain/tenant.h"
#include "domain/verification_link.h"
#include "port/store.h"
#include "port/world.h"

struct visited_link {
	struct verification_link row;
	enum verification_link_state state;
	/* The person as a caller of the tenant: what they do is attributed to the link in the audit log. */
	struct caller caller;
};

/* Loads the link with this token. In a write transaction, the row is locked. ERR_NOT_FOUND: there is no such
 * link, or its tenant is disabled. */
enum err visited_link_load(const struct world *world, struct tx *tx, const struct verification_visit *visit,
	struct visited_link *out) must_use;
/* Returns whether the link is open and started, and nobody has verified an address yet. */
bool visited_link_awaits_proof(const struct visited_link *link);
/* Returns whether the link is open, and an address is verified. */
bool visited_link_awaits_check(const struct visited_link *link);
/* Saves the row as changed now. */
enum err link_row_save(const struct world *world, struct tx *tx, struct verification_link *row) must_use;

/* Seals a value of the link. An empty value stays empty. `field` is one of SEALED_VERIFICATION_…; its `row`
 * is set by the function. */
struct link_field {
	const char *table, *column;
};
enum err link_field_seal(const struct world *world, struct arena *a, const struct verification_link *row,
	struct link_field field, struct str plain, struct str *sealed) must_use;
enum err link_field_unseal(const struct world *world, struct arena *a, const struct verification_link *row,
	struct link_field field, struct str sealed, struct str *plain) must_use;

/* Makes an address the link's address. */
enum err link_row_set_address(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct identifier *identifier, struct verification_link *row) must_use;
/* Opens the link's address; the text is empty if it has none of this kind. */
enum err link_row_address(const struct world *world, struct arena *a, const struct verification_link *row,
	enum address_kind kind, struct str *out) must_use;
/* Removes what is sealed in the row, except the return URL, and the blind index of the address. */
void link_row_forget_address(struct verification_link *row);
/* Removes everything about a person. A link on whose pages the person has verified an address is revoked;
 * another one stays open, and somebody else may prove an address. */
void link_row_erase(struct verification_link *row, moment now);
