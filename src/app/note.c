#include "app/note.h"

#include "app/quota.h"
#include "app/trail.h"
#include "port/provider.h"

#define BATCH 16

static const struct actor the_worker = { .kind = ACTOR_WORKER };

struct sweep {
	const struct world *world;
	struct session rows[BATCH];
	size_t n;
};

duration note_stale_after(const struct world *world)
{
	return duration_mul(world->rules->provider_timeout, 2);
}

const struct note_end note_of_the_dead = { AUDIT_SESSION_REPAIRED, "", true };

/* Since the oldest question that went without an answer. */
static enum err keep_doubt(const struct world *world, struct tx *tx, const struct session *note)
{
	struct provider *const provider = world->provider;
	struct user user = { .id = note->user };

	if (!provider->ops->can_find(provider))
		return OK;
	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user) || !moment_is_unset(user.doubted))
		return OK;
	user.doubted = note->created;
	return store_save_user(tx, &user);
}

enum err note_stands(struct tx *tx, const struct session *note, bool *out)
{
	struct session row = { .id = note->id };

	const enum err e = store_load_session(tx, &row);
	*out = e == OK && row.status == STATUS_CREATING;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err note_drop(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct session *note, const struct note_end *end)
{
	bool stands;

	TRY(note_stands(tx, note, &stands));
	if (!stands)
		return OK;
	TRY(app_quota_give_back(world, tx, actor, &note->tenant, note->quota_month));
	TRY(store_remove_session(tx, note));
	if (end->doubtful)
		TRY(keep_doubt(world, tx, note));
	const struct audit_params deed = { end->action, note->user.text, note->tenant.text, end->why };
	return trail_note(world, tx, actor, &deed);
}

static enum err find(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;
	struct session probe = { .status = STATUS_CREATING };

	TRY(store_clock(tx, &probe.due));
	return store_find(tx, QUERY_SESSIONS_DUE, &probe, page_of(0, BATCH), sweep->rows, &sweep->n);
}

/* Ours is somebody's call that is still out, or one whose record failed: the next create of that person sees
 * to it. */
static bool is_ours(const struct sweep *sweep, const struct session *note)
{
	return str_eq(str_of(note->instance.text), str_of(sweep->world->instance.text));
}

static enum err repair(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;

	TRY(find(tx, sweep));
	for (size_t i = 0; i < sweep->n; i++)
		if (!is_ours(sweep, &sweep->rows[i]))
			TRY(note_drop(sweep->world, tx, &the_worker, &sweep->rows[i], &note_of_the_dead));
	return OK;
}

enum err note_repair_all(const struct world *world, struct arena *a)
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
