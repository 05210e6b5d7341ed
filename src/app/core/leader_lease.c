#include "app/core/leader_lease.h"

#include "base/str.h"
#include "domain/lease.h"
#include "port/store.h"

struct lease_attempt {
	const struct world *world;
	const struct leader_lease *leader;
	bool is_held;
};

static enum err load_lease(struct tx *tx, const struct leader_lease *leader, struct lease *lease)
{
	*lease = (struct lease){ .name = "" };
	if (!str_copy_to(str_of(leader->name), lease->name, sizeof(lease->name)))
		return ERR_INTERNAL;
	const enum err e = store_load_lease(tx, lease);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err try_acquire_lease(struct tx *tx, void *arg)
{
	struct lease_attempt *const attempt = arg;
	struct lease lease;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load_lease(tx, attempt->leader, &lease));
	attempt->is_held = lease_acquire(&lease, &attempt->world->instance, now);
	return attempt->is_held && tx->writing ? store_save_lease(tx, &lease) : OK;
}

/* Tries in a read transaction first. So an instance that cannot get the lease writes nothing. */
static enum err acquire_or_renew_lease(
	const struct world *world, struct arena *a, struct leader_lease *leader)
{
	const int64_t ticks = world_ticks(world);
	struct lease_attempt attempt = { world, leader, false };

	TRY(store_transact(world->store, TX_READ, a, try_acquire_lease, &attempt));
	if (attempt.is_held)
		TRY(store_transact(world->store, TX_WRITE, a, try_acquire_lease, &attempt));
	leader->is_held = attempt.is_held;
	leader->renew_at = ticks + LEASE_RENEW_INTERVAL.ms;
	return OK;
}

enum err leader_lease_acquire(
	const struct world *world, struct arena *a, struct leader_lease *leader, bool *is_held)
{
	const bool renew = world->store->shared &&
			   (!leader->is_held || world_ticks(world) >= leader->renew_at);

	*is_held = false;
	if (renew)
		TRY(acquire_or_renew_lease(world, a, leader));
	*is_held = leader->is_held || !world->store->shared;
	return OK;
}

static enum err release_lease(struct tx *tx, void *arg)
{
	const struct lease_attempt *const attempt = arg;
	struct lease lease;

	TRY(load_lease(tx, attempt->leader, &lease));
	return lease_release(&lease, &attempt->world->instance) ? store_save_lease(tx, &lease) : OK;
}

enum err leader_lease_release(const struct world *world, struct arena *a, struct leader_lease *leader)
{
	struct lease_attempt attempt = { world, leader, false };

	if (!leader->is_held)
		return OK;
	leader->is_held = false;
	return store_transact(world->store, TX_WRITE, a, release_lease, &attempt);
}
