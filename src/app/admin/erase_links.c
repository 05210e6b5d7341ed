#include "app/admin/erase_links.h"

#include "app/verification/link_row.h"

#define BATCH 8

/* Erased rows do not occur in the next page, because they have lost what they were found by. A link has
 * either an address that is not verified yet or a user, so no link is counted twice. */
static enum err erase_found(const struct links_erasure *erasure, struct tx *tx, enum query_kind query,
	const struct verification_link *probe)
{
	struct verification_link *const rows = arena_array(tx->arena, struct verification_link, BATCH);
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, query, probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n && erasure->really; i++) {
			link_row_erase(&rows[i], world_now(erasure->world));
			TRY(link_row_save(erasure->world, tx, &rows[i]));
		}
		seen += erasure->really ? 0 : n;
		*erasure->count += n;
	}
	return OK;
}

enum err erase_links_of_user(const struct links_erasure *erasure, struct tx *tx, const struct user_id *user)
{
	const struct verification_link probe = { .user_id = *user };

	return erase_found(erasure, tx, QUERY_VERIFICATION_LINKS_OF_USER, &probe);
}

enum err erase_links_by_address(
	const struct links_erasure *erasure, struct tx *tx, const struct digest *index)
{
	const struct verification_link probe = { .address_index = *index };

	return erase_found(erasure, tx, QUERY_VERIFICATION_LINKS_BY_ADDRESS, &probe);
}
