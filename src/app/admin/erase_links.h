/* What an erasure removes from verification links (app/verification). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/id.h"
#include "port/store.h"
#include "port/world.h"

struct links_erasure {
	const struct world *world;
	bool really;   /* false: the links are only counted */
	size_t *count; /* the number of links is added to it */
};

/* Revokes the links on whose pages this user has verified an address, and removes what they have of the
 * person. */
enum err erase_links_of_user(
	const struct links_erasure *erasure, struct tx *tx, const struct user_id *user) must_use;
/* Removes the address with this blind index, and the reference that was given with it, from links on whose
 * pages nobody has verified an address yet. The links stay open. */
enum err erase_links_by_address(
	const struct links_erasure *erasure, struct tx *tx, const struct digest *index) must_use;
