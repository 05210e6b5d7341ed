#include "app/session/reconcile.h"

#include <string.h>

#include "app/session/decision.h"
#include "domain/heartbeat.h"
#include "domain/session.h"
#include "port/provider.h"
#include "port/store.h"

/* Of one reading: a stop waits for it. */
#define READ_LIMIT seconds(5)
/* A final session that the provider has forgotten is asked for again, in case it was the key that saw less.
 */
#define FORGOTTEN_AGAIN days(7)
/* Of somebody who was erased: not in the calendar. */
#define NOT_AGAIN days(365000)

static const struct actor the_worker = { .kind = ACTOR_WORKER };
static const struct heartbeat the_alive = { .name = "reconcile" }, the_sweep = { .name = "sweep" };

struct beginning {
	const struct world *world;
	moment swept;
};

/* 0 where it was never written. */
static enum err load_watch(struct tx *tx, struct heartbeat *heartbeat)
{
	const enum err e = store_load_heartbeat(tx, heartbeat);

	if (e == ERR_NOT_FOUND)
		heartbeat->at = (moment){ 0 };
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err begin(struct tx *tx, void *arg)
{
	struct beginning *const b = arg;
	const moment now = world_now(b->world);
	struct heartbeat alive = the_alive, sweep = the_sweep;

	TRY(load_watch(tx, &alive));
	TRY(load_watch(tx, &sweep));
	if (!moment_is_unset(alive.at) && duration_is_shorter(RECONCILE_DOWN, moment_diff(alive.at, now))) {
		sweep.at = now;
		TRY(store_save_heartbeat(tx, &sweep));
	}
	alive.at = now;
	b->swept = sweep.at;
	return store_save_heartbeat(tx, &alive);
}

enum err reconcile_begin(const struct world *world, struct arena *a, struct reconcile *reconcile)
{
	struct beginning b = { .world = world };

	TRY(store_transact(world->store, TX_WRITE, a, begin, &b));
	*reconcile = (struct reconcile){ .swept = b.swept };
	return OK;
}

static enum err beat(struct tx *tx, void *arg)
{
	const struct world *const world = arg;
	struct heartbeat alive = the_alive;

	alive.at = world_now(world);
	return store_save_heartbeat(tx, &alive);
}

enum err reconcile_heartbeat(const struct world *world, struct arena *a)
{
	return store_transact(world->store, TX_WRITE, a, beat, (void *)(uintptr_t)world);
}

struct pick {
	const struct reconcile *reconcile;
	moment now;
	bool found, erased;
	struct session session;
};

/* What ended for good is not asked for again. */
static bool may_change(enum session_status status)
{
	for (unsigned next = 0; next < STATUS_COUNT; next++)
		if (session_status_can_change_to(status, (enum session_status)next))
			return true;
	return false;
}

/* The oldest due of those that are open, or of those that are not. */
static enum err pick_oldest(struct tx *tx, struct pick *pick, bool open, moment until)
{
	for (unsigned s = 0; s < STATUS_COUNT; s++) {
		const struct session probe = { .status = (enum session_status)s, .next_poll_at = until };
		struct session row;
		size_t n;

		if (session_status_is_internal(probe.status) ||
			session_status_is_open(probe.status) != open || !may_change(probe.status))
			continue;
		TRY(store_find(
			tx, QUERY_SESSIONS_DUE, &probe, page_of(pick->reconcile->passed[s], 1), &row, &n));
		if (n == 0 ||
			(pick->found && !moment_is_before(row.next_poll_at, pick->session.next_poll_at)))
			continue;
		pick->session = row;
		pick->found = true;
	}
	return OK;
}

static enum err look_at_person(struct tx *tx, struct pick *pick)
{
	struct user user = { .id = pick->session.user_id };

	TRY(store_load_user(tx, &user));
	pick->erased = user_is_erased(&user);
	return OK;
}

/* Final ones are due a day after the last news: those that were last heard of before the sweep began are
 * those that are due before a day has gone since. */
static enum err pick_one(struct tx *tx, void *arg)
{
	struct pick *const pick = arg;
	const moment swept = moment_add(pick->reconcile->swept, milliseconds(days(1).ms - 1));

	const moment until[] = { moment_is_before(pick->now, swept) ? swept : pick->now, pick->now };
	const bool open_first = pick->reconcile->turn < RECONCILE_TURNS - 1;

	pick->found = false;
	TRY(pick_oldest(tx, pick, open_first, until[open_first]));
	if (!pick->found)
		TRY(pick_oldest(tx, pick, !open_first, until[!open_first]));
	return pick->found ? look_at_person(tx, pick) : OK;
}

struct delay {
	struct session_id id;
	moment due;
};

static enum err put_off(struct tx *tx, void *arg)
{
	const struct delay *const delay = arg;
	struct session session = { .id = delay->id };

	TRY(store_load_session(tx, &session));
	session.next_poll_at = delay->due;
	return store_save_session(tx, &session);
}

static enum err put_off_by(
	const struct world *world, struct arena *a, const struct pick *pick, duration delay)
{
	struct delay job = { pick->session.id, moment_add(pick->now, delay) };

	return store_transact(world->store, TX_WRITE, a, put_off, &job);
}

/* Who could not be read stays where they are, and the next one's turn comes: one session that the provider
 * cannot tell of does not hold up the others. */
static enum err read_one(const struct world *world, struct arena *a, struct reconcile *reconcile,
	const struct pick *pick, enum reconcile_verdict *out)
{
	const struct poll_params params = { str_of(pick->session.provider_ref.text), READ_LIMIT, POLL_DUE };
	enum provider_cause cause = PROVIDER_OK;
	const enum err e = app_poll_session(world, a, &the_worker, &params, &cause);

	*out = cause == PROVIDER_PAUSED ? RECONCILE_PAUSED : RECONCILE_READ;
	if (e == OK || cause == PROVIDER_PAUSED)
		return OK;
	if (cause == PROVIDER_UNKNOWN_SESSION && session_status_is_final(pick->session.status))
		return put_off_by(world, a, pick, FORGOTTEN_AGAIN);
	if (e != ERR_UPSTREAM && e != ERR_BUSY)
		return e;
	reconcile->passed[pick->session.status]++;
	return OK;
}

static void forget_the_passed(const struct world *world, struct reconcile *reconcile)
{
	const int64_t ticks = world_ticks(world);

	if (ticks < reconcile->again_at)
		return;
	memset(reconcile->passed, 0, sizeof(reconcile->passed));
	reconcile->again_at = ticks + world->rules->reconcile_after.ms;
}

enum err reconcile_step(
	const struct world *world, struct arena *a, struct reconcile *reconcile, enum reconcile_verdict *out)
{
	struct pick pick = { .reconcile = reconcile, .now = world_now(world) };

	forget_the_passed(world, reconcile);
	TRY(store_transact(world->store, TX_READ, a, pick_one, &pick));
	*out = pick.found ? RECONCILE_READ : RECONCILE_DONE;
	if (!pick.found)
		return OK;
	if (pick.erased)
		return put_off_by(world, a, &pick, NOT_AGAIN);
	TRY(read_one(world, a, reconcile, &pick, out));
	if (*out == RECONCILE_READ)
		reconcile->turn = (reconcile->turn + 1) % RECONCILE_TURNS;
	return OK;
}
