#include "app/session/pending_session.h"

#include "app/core/audit.h"
#include "app/core/quota.h"
#include "port/provider.h"

#define BATCH 16

static const struct actor the_worker = { .kind = ACTOR_WORKER };

struct sweep {
	const struct world *world;
	struct session rows[BATCH];
	size_t n;
};

duration pending_session_max_age(const struct world *world)
{
	return duration_mul(world->rules->provider_timeout, 2);
}

const struct pending_session_end pending_session_abandoned = { AUDIT_SESSION_RELEASED, "", true };

/* Since the oldest question that went without an answer. */
static enum err keep_doubt(const struct world *world, struct tx *tx, const struct session *pending)
{
	struct provider *const provider = world->provider;
	struct user user = { .id = pending->user_id };

	if (!provider->ops->can_find(provider))
		return OK;
	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user) || !moment_is_unset(user.orphan_suspected_at))
		return OK;
	user.orphan_suspected_at = pending->created_at;
	return store_save_user(tx, &user);
}

enum err pending_session_is_current(struct tx *tx, const struct session *pending, bool *out)
{
	struct session row = { .id = pending->id };

	const enum err e = store_load_session(tx, &row);
	*out = e == OK && row.status == STATUS_CREATING;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err pending_session_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *pending, const struct pending_session_end *end)
{
	bool stands;

	TRY(pending_session_is_current(tx, pending, &stands));
	if (!stands)
		return OK;
	TRY(app_quota_release(world, tx, actor, &pending->tenant_id, pending->quota_month));
	TRY(store_remove_session(tx, pending));
	if (end->may_be_orphaned)
		TRY(keep_doubt(world, tx, pending));
	const struct audit_params params = { end->action, pending->user_id.text, pending->tenant_id.text,
		end->reason };
	return audit_append(world, tx, actor, &params);
}

static enum err find(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;
	struct session probe = { .status = STATUS_CREATING };

	TRY(store_clock(tx, &probe.next_poll_at));
	return store_find(tx, QUERY_SESSIONS_DUE, &probe, page_of(0, BATCH), sweep->rows, &sweep->n);
}

/* Ours is somebody's call that is still out, or one whose record failed: the next create of that person sees
 * to it. */
static bool is_ours(const struct sweep *sweep, const struct session *pending)
{
	return str_eq(str_of(pending->instance_id.text), str_of(sweep->world->instance.text));
}

static enum err repair(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;

	TRY(find(tx, sweep));
	for (size_t i = 0; i < sweep->n; i++)
		if (!is_ours(sweep, &sweep->rows[i]))
			TRY(pending_session_release(
				sweep->world, tx, &the_worker, &sweep->rows[i], &pending_session_abandoned));
	return OK;
}

enum err pending_session_repair_all(const struct world *world, struct arena *a)
{
	struct sweep *const sweep = arena_new(a, struct sweep);
	bool any = false;

	if (!sweep)
		return ERR_INTERNAL;
	sweep->world = world;
	TRY(store_transact(world->store, TX_READ, a, find, sweep));
	for (size_t i = 0; i < sweep->n; i++)
		any = any || !is_ours(sweep, &sweep->rows[i]);
	return any ? store_transact(world->store, TX_WRITE, a, repair, sweep) : OK;
}
