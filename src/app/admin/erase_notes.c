#include "app/admin/erase_notes.h"

#define BATCH 32

enum err erase_notes(
	struct tx *tx, const struct tenant_id *tenant, const struct user_id *user, bool really, size_t *count)
{
	struct operator_note *const rows = arena_array(tx->arena, struct operator_note, BATCH);
	const struct operator_note probe = { .tenant_id = *tenant, .user_id = *user };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	/* Removed rows do not occur in the next page of the query. */
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_OPERATOR_NOTES_OF_USER, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n && really; i++)
			TRY(store_remove_operator_note(tx, &rows[i]));
		seen += really ? 0 : n;
		*count += n;
	}
	return OK;
}
