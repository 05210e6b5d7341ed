#include "app/person/link_completion.h"

#include "app/person/retry_policy.h"

/* Links that are loaded with one query. */
#define BATCH 8

enum err link_completion_load(const struct world *world, struct tx *tx, const struct linked_users *linked,
	const struct kyc_status *kyc_status, bool *is_complete)
{
	struct retry_check check;

	TRY(retry_policy_check(world, tx, linked, kyc_status, &check));
	*is_complete = verification_link_is_complete(kyc_status->has_session, check.verdict);
	return OK;
}

static enum err find_open_links(
	struct tx *tx, const struct user_id *user, struct verification_link rows[BATCH], size_t *n)
{
	const struct verification_link probe = { .user_id = *user };

	return store_find(
		tx, QUERY_VERIFICATION_LINKS_OF_USER_BY_COMPLETION, &probe, page_of(0, BATCH), rows, n);
}

/* Completed rows do not occur in the next page. */
static enum err complete_links_of_user(const struct world *world, struct tx *tx, const struct user_id *user,
	struct verification_link rows[BATCH])
{
	size_t n = BATCH;

	while (n == BATCH) {
		TRY(find_open_links(tx, user, rows, &n));
		for (size_t i = 0; i < n; i++) {
			rows[i].completed_at = rows[i].updated_at = world_now(world);
			TRY(store_save_verification_link(tx, &rows[i]));
		}
	}
	return OK;
}

enum err link_completion_save(const struct world *world, struct tx *tx, const struct user_id *user)
{
	struct verification_link *const rows = arena_array(tx->arena, struct verification_link, BATCH);
	struct linked_users linked;
	struct kyc_status kyc_status;
	bool is_complete;
	size_t n = 0;

	if (!rows)
		return ERR_INPUT;
	TRY(linked_users_of_user(tx, user, &linked));
	for (size_t i = 0; i < linked.n && n == 0; i++)
		TRY(find_open_links(tx, &linked.users[i].id, rows, &n));
	if (n == 0)
		return OK;
	TRY(kyc_status_load(tx, &linked, &kyc_status));
	TRY(link_completion_load(world, tx, &linked, &kyc_status, &is_complete));
	for (size_t i = 0; i < linked.n && is_complete; i++)
		TRY(complete_links_of_user(world, tx, &linked.users[i].id, rows));
	return OK;
}
