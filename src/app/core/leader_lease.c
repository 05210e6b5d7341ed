#include "app/core/leader_lease.h"

#include "base/str.h"
#include "domain/lease.h"
#include "port/store.h"

struct lease_attempt {
	const struct world *world;
	const struct leader_lease *turn;
	bool ours;
};

static enum err load(struct tx *tx, const struct leader_lease *turn, struct lease *lease)
{
	*lease = (struct lease){ .name = "" };
	if (!str_copy_to(str_of(turn->name), lease->name, sizeof(lease->name)))
		return ERR_INTERNAL;
	const enum err e = store_load_lease(tx, lease);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err take(struct tx *tx, void *arg)
{
	struct lease_attempt *const t = arg;
	struct lease lease;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load(tx, t->turn, &lease));
	t->ours = lease_acquire(&lease, &t->world->instance, now);
	return t->ours && tx->writing ? store_save_lease(tx, &lease) : OK;
}

/* Who only looks leaves no mark on the disk. */
static enum err ask(const struct world *world, struct arena *a, struct leader_lease *turn)
{
	const int64_t ticks = world_ticks(world);
	struct lease_attempt t = { world, turn, false };

	TRY(store_transact(world->store, TX_READ, a, take, &t));
	if (t.ours)
		TRY(store_transact(world->store, TX_WRITE, a, take, &t));
	turn->ours = t.ours;
	turn->renew_at = ticks + LEASE_RENEW_INTERVAL.ms;
	return OK;
}

enum err leader_lease_acquire(
	const struct world *world, struct arena *a, struct leader_lease *turn, bool *ours)
{
	const bool renew = world->store->shared && (!turn->ours || world_ticks(world) >= turn->renew_at);

	*ours = false;
	if (renew)
		TRY(ask(world, a, turn));
	*ours = turn->ours || !world->store->shared;
	return OK;
}

static enum err give(struct tx *tx, void *arg)
{
	const struct lease_attempt *const t = arg;
	struct lease lease;

	TRY(load(tx, t->turn, &lease));
	return lease_release(&lease, &t->world->instance) ? store_save_lease(tx, &lease) : OK;
}

enum err leader_lease_release(const struct world *world, struct arena *a, struct leader_lease *turn)
{
	struct lease_attempt t = { world, turn, false };

	if (!turn->ours)
		return OK;
	turn->ours = false;
	return store_transact(world->store, TX_WRITE, a, give, &t);
}
