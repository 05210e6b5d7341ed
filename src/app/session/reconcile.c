#include "app/session/reconcile.h"

#include <string.h>

#include "app/session/decision.h"
#include "domain/heartbeat.h"
#include "domain/session.h"
#include "port/provider.h"
#include "port/store.h"

/* Time limit of one poll. When the program stops, it waits for the poll in progress. */
#define POLL_TIME_MAX seconds(5)
/* If the provider does not know a final session, the session is polled again after this time, in case the API
 * key lacked access. */
#define UNKNOWN_RETRY_DELAY days(7)
/* Sessions of an erased person are postponed by this time, so that they are never due again. */
#define NEVER_AGAIN_DELAY days(365000)

static const struct actor worker_actor = { .kind = ACTOR_WORKER };
/* When reconciliation last ran. The name is stored. */
static const struct heartbeat run_heartbeat = { .name = "reconcile" };
/* When reconciliation last started after a gap of more than RECONCILE_DOWN. The name is stored. */
static const struct heartbeat gap_heartbeat = { .name = "reconcile_gap" };

struct begin_job {
	const struct world *world;
	moment final_due_before;
};

/* Loads a heartbeat. Sets its `at` to 0 if the heartbeat was never written. */
static enum err load_heartbeat(struct tx *tx, struct heartbeat *heartbeat)
{
	const enum err e = store_load_heartbeat(tx, heartbeat);

	if (e == ERR_NOT_FOUND)
		heartbeat->at = (moment){ 0 };
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err begin_reconcile_in_tx(struct tx *tx, void *arg)
{
	struct begin_job *const job = arg;
	const moment now = world_now(job->world);
	struct heartbeat run = run_heartbeat, gap = gap_heartbeat;

	TRY(load_heartbeat(tx, &run));
	TRY(load_heartbeat(tx, &gap));
	if (!moment_is_unset(run.at) && duration_is_shorter(RECONCILE_DOWN, moment_diff(run.at, now))) {
		gap.at = now;
		TRY(store_save_heartbeat(tx, &gap));
	}
	run.at = now;
	job->final_due_before = gap.at;
	return store_save_heartbeat(tx, &run);
}

enum err reconcile_begin(const struct world *world, struct arena *a, struct reconcile *reconcile)
{
	struct begin_job job = { .world = world };

	TRY(store_transact(world->store, TX_WRITE, a, begin_reconcile_in_tx, &job));
	*reconcile = (struct reconcile){ .final_due_before = job.final_due_before };
	return OK;
}

static enum err write_heartbeat(struct tx *tx, void *arg)
{
	const struct world *const world = arg;
	struct heartbeat run = run_heartbeat;

	run.at = world_now(world);
	return store_save_heartbeat(tx, &run);
}

enum err reconcile_heartbeat(const struct world *world, struct arena *a)
{
	return store_transact(world->store, TX_WRITE, a, write_heartbeat, (void *)(uintptr_t)world);
}

struct due_session {
	const struct reconcile *reconcile;
	moment now;
	bool found, erased, forged;
	struct session session;
};

/* Returns whether a session with this status can still change. Sessions that cannot are not polled. */
static bool may_change(enum session_status status)
{
	for (unsigned next = 0; next < STATUS_COUNT; next++)
		if (session_status_can_change_to(status, (enum session_status)next))
			return true;
	return false;
}

/* Finds the session that has been due for the longest time, either among open sessions or among final
 * ones. */
static enum err find_oldest_due(struct tx *tx, struct due_session *due, bool open, moment due_until)
{
	for (unsigned s = 0; s < STATUS_COUNT; s++) {
		const struct session probe = { .status = (enum session_status)s, .next_poll_at = due_until };
		struct session row;
		size_t n;

		if (session_status_is_internal(probe.status) ||
			session_status_is_open(probe.status) != open || !may_change(probe.status))
			continue;
		TRY(store_find(
			tx, QUERY_SESSIONS_DUE, &probe, page_of(due->reconcile->skipped[s], 1), &row, &n));
		if (n == 0 || (due->found && !moment_is_before(row.next_poll_at, due->session.next_poll_at)))
			continue;
		due->session = row;
		due->found = true;
	}
	return OK;
}

static enum err check_person_erased(struct tx *tx, struct due_session *due)
{
	struct user user = { .id = due->session.user_id };

	const enum err e = store_load_user(tx, &user);

	due->erased = e == OK && user_is_erased(&user);
	due->forged = e == ERR_INTEGRITY;
	return due->forged ? OK : e;
}

/* Finds the next session to poll. A final session is due a day after its last update. Sessions last updated
 * before final_due_before became due less than a day after it, so the search up to then finds them. */
static enum err find_next_due(struct tx *tx, void *arg)
{
	struct due_session *const due = arg;
	const moment last_final = moment_add(due->reconcile->final_due_before, milliseconds(days(1).ms - 1));
	/* Index 0: final sessions; index 1: open sessions. */
	const moment due_until[] = { moment_is_before(due->now, last_final) ? last_final : due->now,
		due->now };
	const bool open_first = due->reconcile->cycle < RECONCILE_CYCLES - 1;

	due->found = due->erased = due->forged = false;
	TRY(find_oldest_due(tx, due, open_first, due_until[open_first]));
	if (!due->found)
		TRY(find_oldest_due(tx, due, !open_first, due_until[!open_first]));
	return due->found ? check_person_erased(tx, due) : OK;
}

struct postponement {
	struct session_id id;
	moment due;
};

static enum err postpone_in_tx(struct tx *tx, void *arg)
{
	const struct postponement *const delay = arg;
	struct session session = { .id = delay->id };

	TRY(store_load_session(tx, &session));
	session.next_poll_at = delay->due;
	return store_save_session(tx, &session);
}

static enum err postpone_session(
	const struct world *world, struct arena *a, const struct due_session *due, duration delay)
{
	struct postponement job = { due->session.id, moment_add(due->now, delay) };

	return store_transact(world->store, TX_WRITE, a, postpone_in_tx, &job);
}

/* Polls the session. If the poll fails, the session stays due but is skipped for a while, so that it does not
 * block other sessions. */
static enum err poll_due_session(const struct world *world, struct arena *a, struct reconcile *reconcile,
	const struct due_session *due, enum reconcile_verdict *out)
{
	const struct poll_params params = { str_of(due->session.provider_ref.text), POLL_TIME_MAX, POLL_DUE };
	enum provider_cause cause = PROVIDER_OK;
	const enum err e = app_poll_session(world, a, &worker_actor, &params, &cause);

	*out = cause == PROVIDER_PAUSED ? RECONCILE_PAUSED : RECONCILE_READ;
	if (e == OK || cause == PROVIDER_PAUSED)
		return OK;
	if (cause == PROVIDER_UNKNOWN_SESSION && session_status_is_final(due->session.status))
		return postpone_session(world, a, due, UNKNOWN_RETRY_DELAY);
	if (e != ERR_UPSTREAM && e != ERR_BUSY && e != ERR_INTEGRITY)
		return e;
	reconcile->skipped[due->session.status]++;
	return OK;
}

static void reset_skipped(const struct world *world, struct reconcile *reconcile)
{
	const int64_t ticks = world_ticks(world);

	if (ticks < reconcile->retry_at)
		return;
	memset(reconcile->skipped, 0, sizeof(reconcile->skipped));
	reconcile->retry_at = ticks + world->rules->reconcile_after.ms;
}

enum err reconcile_step(
	const struct world *world, struct arena *a, struct reconcile *reconcile, enum reconcile_verdict *out)
{
	struct due_session due = { .reconcile = reconcile, .now = world_now(world) };

	reset_skipped(world, reconcile);
	TRY(store_transact(world->store, TX_READ, a, find_next_due, &due));
	*out = due.found ? RECONCILE_READ : RECONCILE_DONE;
	if (!due.found)
		return OK;
	if (due.forged) {
		reconcile->skipped[due.session.status]++;
		return OK;
	}
	if (due.erased)
		return postpone_session(world, a, &due, NEVER_AGAIN_DELAY);
	TRY(poll_due_session(world, a, reconcile, &due, out));
	if (*out == RECONCILE_READ)
		reconcile->cycle = (reconcile->cycle + 1) % RECONCILE_CYCLES;
	return OK;
}
