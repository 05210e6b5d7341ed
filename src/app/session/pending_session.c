#include "app/session/pending_session.h"

#include "app/core/audit.h"
#include "app/core/quota.h"
#include "port/provider.h"

#define BATCH 16

static const struct actor worker_actor = { .kind = ACTOR_WORKER };

struct pending_repair {
	const struct world *world;
	bool all; /* not only those that are abandoned by their age */
	struct session rows[BATCH];
	size_t n;
};

duration pending_session_max_age(const struct world *world)
{
	return duration_mul(world->rules->provider_timeout, 2);
}

const struct pending_session_end pending_session_abandoned = { AUDIT_SESSION_RELEASED, "", true };

/* Marks the user as one for whom the provider may have a session that is not in the database. Keeps the time
 * of the oldest request whose result is unknown, because the provider is searched from that time on. */
static enum err mark_orphan_suspected(const struct world *world, struct tx *tx, const struct session *pending)
{
	struct provider *const provider = world->provider;
	struct user user = { .id = pending->user_id };

	if (!provider->ops->can_find(provider))
		return OK;
	const enum err e = store_load_user(tx, &user);
	if (e == ERR_INTEGRITY) /* the worker goes on with the other sessions */
		return OK;
	TRY(e);
	if (user_is_erased(&user) || !moment_is_unset(user.orphan_suspected_at))
		return OK;
	user.orphan_suspected_at = pending->created_at;
	return store_save_user(tx, &user);
}

enum err pending_session_is_current(struct tx *tx, const struct session *pending, bool *is_current)
{
	struct session row = { .id = pending->id };

	const enum err e = store_load_session(tx, &row);
	*is_current = e == OK && row.status == STATUS_CREATING;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err pending_session_release(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *pending, const struct pending_session_end *end)
{
	bool is_current;

	TRY(pending_session_is_current(tx, pending, &is_current));
	if (!is_current)
		return OK;
	TRY(app_quota_release(world, tx, actor, &pending->tenant_id, pending->quota_month));
	TRY(store_remove_session(tx, pending));
	if (end->may_be_orphaned)
		TRY(mark_orphan_suspected(world, tx, pending));
	const struct audit_params params = { end->action, pending->user_id.text, pending->tenant_id.text,
		end->reason };
	return audit_append(world, tx, actor, &params);
}

static enum err find_expired_pending(struct tx *tx, void *arg)
{
	struct pending_repair *const repair = arg;
	struct session probe = { .status = STATUS_CREATING };

	TRY(store_clock(tx, &probe.next_poll_at));
	if (repair->all)
		probe.next_poll_at.ms = INT64_MAX;
	return store_find(tx, QUERY_SESSIONS_DUE, &probe, page_of(0, BATCH), repair->rows, &repair->n);
}

/* Returns whether this process stored the pending session. Then a call in progress is working on it, or its
 * result could not be stored; in the latter case the person's next `create` releases it. */
static bool is_own_pending(const struct pending_repair *repair, const struct session *pending)
{
	return str_eq(str_of(pending->instance_id.text), str_of(repair->world->instance.text));
}

static enum err release_abandoned_pending(struct tx *tx, void *arg)
{
	struct pending_repair *const repair = arg;

	TRY(find_expired_pending(tx, repair));
	for (size_t i = 0; i < repair->n; i++)
		if (repair->all || !is_own_pending(repair, &repair->rows[i]))
			TRY(pending_session_release(repair->world, tx, &worker_actor, &repair->rows[i],
				&pending_session_abandoned));
	return OK;
}

enum err pending_session_take_over(const struct world *world, struct arena *a)
{
	struct pending_repair *const repair = arena_new(a, struct pending_repair);
	struct arena_mark before;

	if (!repair)
		return ERR_INTERNAL;
	repair->world = world;
	repair->all = true;
	before = arena_mark(a);
	do {
		arena_rewind(a, before);
		TRY(store_transact(world->store, TX_READ, a, find_expired_pending, repair));
		if (repair->n > 0)
			TRY(store_transact(world->store, TX_WRITE, a, release_abandoned_pending, repair));
	} while (repair->n > 0);
	return OK;
}

enum err pending_session_repair_all(const struct world *world, struct arena *a)
{
	struct pending_repair *const repair = arena_new(a, struct pending_repair);
	bool any = false;

	if (!repair)
		return ERR_INTERNAL;
	repair->world = world;
	TRY(store_transact(world->store, TX_READ, a, find_expired_pending, repair));
	for (size_t i = 0; i < repair->n; i++)
		any = any || !is_own_pending(repair, &repair->rows[i]);
	return any ? store_transact(world->store, TX_WRITE, a, release_abandoned_pending, repair) : OK;
}
