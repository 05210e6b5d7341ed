#include "app/verification/cleanup.h"

#include "domain/verification_link.h"
#include "port/store.h"

#define BATCH 64

struct link_cleanup {
	const struct world *world;
	struct verification_link links[BATCH];
	struct verification_result results[BATCH];
	size_t n_links, n_results;
};

static enum err find_expired(struct tx *tx, void *arg)
{
	struct link_cleanup *const cleanup = arg;
	const moment now = world_expiry_now(cleanup->world);
	const struct verification_link link = { .expires_at = moment_sub(now, VERIFICATION_LINK_RETENTION) };
	const struct verification_result result = { .expires_at = now };

	TRY(store_find(tx, QUERY_VERIFICATION_LINKS_EXPIRED, &link, page_of(0, BATCH), cleanup->links,
		&cleanup->n_links));
	return store_find(tx, QUERY_VERIFICATION_RESULTS_EXPIRED, &result, page_of(0, BATCH),
		cleanup->results, &cleanup->n_results);
}

static enum err remove_expired(struct tx *tx, void *arg)
{
	struct link_cleanup *const cleanup = arg;

	TRY(find_expired(tx, cleanup));
	for (size_t i = 0; i < cleanup->n_links; i++)
		TRY(store_remove_verification_link(tx, &cleanup->links[i]));
	for (size_t i = 0; i < cleanup->n_results; i++)
		TRY(store_remove_verification_result(tx, &cleanup->results[i]));
	return OK;
}

/* Searches for rows in a read transaction first. If there is nothing to remove, SQLite's only writer is not
 * occupied. */
enum err verification_link_clean(const struct world *world, struct arena *a)
{
	struct link_cleanup *const cleanup = arena_new(a, struct link_cleanup);

	if (!cleanup)
		return ERR_INTERNAL;
	cleanup->world = world;
	TRY(store_transact(world->store, TX_READ, a, find_expired, cleanup));
	return cleanup->n_links + cleanup->n_results > 0
		       ? store_transact(world->store, TX_WRITE, a, remove_expired, cleanup)
		       : OK;
}
