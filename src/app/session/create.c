#include "app/session/create.h"

#include "app/core/audit.h"
#include "app/core/quota.h"
#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/linked_users.h"
#include "app/person/retry_policy.h"
#include "app/session/decision.h"
#include "app/session/pending_session.h"
#include "app/session/provider_session.h"

/* How long a reading before a resume may take: then the stored state serves. (interface.md 3) */
#define READ_BEFORE_RESUME seconds(3)
/* How often a caller looks again while a dead instance's note ripens. */
#define LOOK_AGAIN milliseconds(250)
/* How often a caller waits for somebody else's call before it is told to come again. */
#define JOINS_MAX 3

/* One caller's way through it; lives on the caller's stack. */
struct attempt {
	const struct world *world;
	const struct create_params *params;
	struct linked_users linked;
	struct user user;      /* whose a new session would be */
	struct user_id flight; /* whom this process may be asking the provider for */
	struct kyc_status kyc_status;
	enum create_verdict verdict;
	struct session session; /* the note, once there is one */
	struct create_result result;
	bool settled;	  /* `result` is the answer */
	int64_t deadline; /* ticks: nobody is kept waiting for somebody else's call beyond it */
	bool leading;	  /* nobody else of this process is asking for `flight` */
};

static duration time_left(const struct attempt *at)
{
	return milliseconds(at->deadline - world_ticks(at->world));
}

static void settle(struct attempt *at, enum create_outcome outcome)
{
	at->result.outcome = outcome;
	at->settled = true;
}

static enum err note_creation(struct attempt *at, struct tx *tx)
{
	const struct world *const world = at->world;
	const struct caller *const caller = at->params->caller;
	moment now;

	TRY(store_clock(tx, &now));
	struct session pending = { .user_id = at->user.id,
		.tenant_id = caller->tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(world),
		.next_poll_at = moment_add(now, pending_session_max_age(world)),
		.instance_id = world->instance,
		.after_declines = at->kyc_status.has_session &&
				  session_follows_decline(&at->kyc_status.session) };
	bool reserved;

	TRY(app_quota_reserve(world, tx, caller, &pending.quota_month, &reserved));
	if (!reserved) {
		settle(at, CREATED_OVER_QUOTA);
		return OK;
	}
	TRY(world_id(world, pending.id.text));
	if (!str_copy_to(at->params->flow->name, pending.flow, sizeof(pending.flow)) ||
		!str_copy_to(str_of(world->provider->ops->version(world->provider)), pending.provider_version,
			sizeof(pending.provider_version)) ||
		!str_copy_to(world->rules->features, pending.features, sizeof(pending.features)))
		return ERR_INTERNAL;
	TRY(store_add_session(tx, &pending));
	at->session = pending;
	return OK;
}

static enum err resume(struct attempt *at, struct tx *tx)
{
	const struct session *const session = &at->kyc_status.session;
	const struct sealed_field place = { SEALED_SESSION_URL, session->id.text };

	TRY(user_unseal(at->world, tx->arena, linked_users_find(&at->linked, &session->user_id), &place,
		session->sealed_url, &at->result.url));
	at->result.ref = session->provider_ref;
	settle(at, CREATED);
	return OK;
}

static enum err act_on(struct attempt *at, struct tx *tx)
{
	switch (at->verdict) {
	case CREATE_NEW:
		return tx->writing ? note_creation(at, tx) : OK;
	case CREATE_RESUME:
		return resume(at, tx);
	case CREATE_APPROVED_ALREADY:
		at->result.ref = at->kyc_status.session.provider_ref;
		settle(at, CREATED_APPROVED);
		return OK;
	case CREATE_REFUSED:
		settle(at, CREATED_REFUSED);
		return OK;
	case CREATE_WAIT:
		return OK;
	case CREATE_ABANDONED:
		if (!tx->writing)
			return OK;
		return pending_session_release(at->world, tx, &at->params->caller->actor,
			&at->kyc_status.pending_session, &pending_session_abandoned);
	}
	return ERR_INTERNAL;
}

/* The head's, unless the provider may have one of somebody of them that we do not know of: it is looked for
 * under their id. */
static const struct user *choose_user(const struct linked_users *linked)
{
	for (size_t i = 0; i < linked->n; i++)
		if (!moment_is_unset(linked->users[i].orphan_suspected_at))
			return &linked->users[i];
	return linked_users_primary(linked);
}

static enum err judge(struct attempt *at, struct tx *tx)
{
	struct retry_check check;

	TRY(kyc_status_load(tx, &at->linked, &at->kyc_status));
	TRY(retry_policy_check(at->world, tx, &at->linked, &at->kyc_status, &check));
	at->verdict = check.verdict;
	at->user = *choose_user(&at->linked);
	if (!at->leading)
		at->flight = check.facts.pending_is_own ? at->kyc_status.pending_session.user_id
							: at->user.id;
	/* A note of our own that no call of ours is working on: its record could not be written. */
	else if (at->verdict == CREATE_WAIT && check.facts.pending_is_own &&
		 str_eq(str_of(at->kyc_status.pending_session.user_id.text), str_of(at->flight.text)))
		at->verdict = CREATE_ABANDONED;
	return act_on(at, tx);
}

static const enum create_outcome outcome_of[] = {
	[LOOKUP_NOT_ENROLLED] = CREATED_NOT_PREPARED,
	[LOOKUP_UNVERIFIED] = CREATED_UNVERIFIED,
	[LOOKUP_MISMATCH] = CREATED_MISMATCH,
};

/* Prepared? Proven? Then what the rules say of another session. In a writing transaction also the note. */
static enum err plan(struct tx *tx, void *arg)
{
	struct attempt *const at = arg;
	const struct identifier_pair identifiers = { at->params->identifier, at->params->second };
	struct person_lookup lookup;

	/* A first run may have been undone, and what it found with it. */
	at->settled = false;
	at->session.id.text[0] = '\0';
	TRY(person_lookup(
		at->world, tx, &at->params->caller->tenant, &identifiers, LOAD_PLAN_PERSON, &lookup));
	if (lookup.result != LOOKUP_VERIFIED) {
		settle(at, outcome_of[lookup.result]);
		return OK;
	}
	at->linked = lookup.linked;
	return judge(at, tx);
}

static enum err order(struct attempt *at, struct arena *a)
{
	const struct world *const world = at->world;
	const struct session_request request = { world, &at->params->caller->actor, at->params->language,
		at->user, at->session };
	struct session_result result;

	TRY(provider_session_create(&request, a, &result));
	at->result = (struct create_result){ .ref = result.ref, .url = result.url, .cause = result.cause };
	switch (result.verdict) {
	case SESSION_REQUEST_CREATED:
		settle(at, CREATED);
		break;
	case SESSION_REQUEST_ERASED:
		settle(at, CREATED_NOT_PREPARED);
		break;
	case SESSION_REQUEST_TIMEOUT:
		settle(at, CREATED_TIMEOUT);
		break;
	case SESSION_REQUEST_FAILED:
		settle(at, CREATED_FAILED);
		if (result.cause == PROVIDER_PAUSED) {
			settle(at, CREATED_PAUSED);
			at->result.wait = world->provider->ops->pause(world->provider);
		}
		break;
	}
	return OK;
}

/* What somebody else still has open may be out of date; then the provider is asked first. */
static void refresh(struct attempt *at, struct arena *a)
{
	const struct session *const session = &at->kyc_status.session;
	const struct poll_params params = { str_of(session->provider_ref.text), READ_BEFORE_RESUME,
		POLL_FOR_CALLER };
	enum provider_cause cause;

	if (at->verdict != CREATE_RESUME || !at->settled ||
		moment_is_before(world_now(at->world),
			moment_add(session->last_update_at, at->world->rules->reconcile_after)))
		return;
	if (app_poll_session(at->world, a, &at->params->caller->actor, &params, &cause) == OK)
		at->settled = false;
}

/* The leader: plans, asks, records. A note of a dead instance is waited for until it may be repaired. */
static enum err lead(struct attempt *at, struct single_flights *single_flights, struct arena *a)
{
	const struct arena_mark before = arena_mark(a);

	for (;;) {
		/* A plan that is made anew takes the memory of the one before it. */
		arena_rewind(a, before);
		at->session.id.text[0] = '\0';
		TRY(store_transact(at->world->store, TX_WRITE, a, plan, at));
		if (at->settled)
			return OK;
		if (at->session.id.text[0] != '\0')
			return order(at, a);
		if (at->verdict == CREATE_ABANDONED)
			continue;
		if (time_left(at).ms <= 0) {
			settle(at, CREATED_TIMEOUT);
			return OK;
		}
		single_flight_wait(single_flights, LOOK_AGAIN);
	}
}

/* What all who waited for one flight hear. */
struct landing {
	enum err e;
	struct create_result result;
	struct tenant_id tenant; /* the leader's */
};

static enum err lead_and_land(struct attempt *at, struct single_flights *single_flights, struct arena *a)
{
	at->leading = true;
	struct landing landing = { .e = lead(at, single_flights, a),
		.tenant = at->params->caller->tenant.id };

	at->leading = false;
	landing.result = at->result;
	/* It lives in the leader's arena: those who waited read it from the store into their own. */
	landing.result.url = (struct str){ NULL, 0 };
	single_flight_finish(single_flights, at->flight.text, &landing, sizeof(landing));
	return landing.e;
}

/* A failed call is everybody's who waited for it, a quota that is used up is its tenant's. Any other outcome
 * each looks up for itself: a session made is there to be resumed. */
static bool is_ours_too(const struct attempt *at, const struct landing *landing)
{
	return landing->result.outcome == CREATED_FAILED || landing->result.outcome == CREATED_PAUSED ||
	       (landing->result.outcome == CREATED_OVER_QUOTA &&
		       str_eq(str_of(landing->tenant.text), str_of(at->params->caller->tenant.id.text)));
}

static enum err join(struct attempt *at, struct single_flights *single_flights, struct arena *a)
{
	struct landing landing;

	for (int i = 0; i < JOINS_MAX && !at->settled; i++) {
		const duration limit = time_left(at);

		if (limit.ms <= 0)
			return OK;
		switch (single_flight_join(
			single_flights, at->flight.text, limit, &landing, sizeof(landing))) {
		case SINGLE_FLIGHT_LEAD:
			return lead_and_land(at, single_flights, a);
		case SINGLE_FLIGHT_FULL:
			return ERR_BUSY;
		case SINGLE_FLIGHT_TIMEOUT:
			return OK;
		case SINGLE_FLIGHT_DONE:
			break;
		}
		TRY(landing.e);
		if (!is_ours_too(at, &landing)) {
			TRY(store_transact(at->world->store, TX_READ, a, plan, at));
			continue;
		}
		at->result = landing.result;
		at->settled = true;
	}
	return OK;
}

static enum err keep_language(struct tx *tx, void *arg)
{
	const struct attempt *const at = arg;
	struct user user = { .id = at->user.id };

	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user) || !str_copy_to(at->params->language, user.language, sizeof(user.language)))
		return OK;
	return store_save_user(tx, &user);
}

static bool has_new_language(const struct attempt *at)
{
	return at->user.id.text[0] != '\0' && at->params->language.n > 0 &&
	       !str_eq(at->params->language, str_of(at->user.language));
}

enum err app_create_session(const struct world *world, struct single_flights *single_flights, struct arena *a,
	const struct create_params *params, struct create_result *out)
{
	struct attempt at = { .world = world,
		.params = params,
		.deadline = world_ticks(world) + pending_session_max_age(world).ms };

	/* Most calls need no writing: who is not allowed, who is approved, who has a session open. */
	TRY(store_transact(world->store, TX_READ, a, plan, &at));
	if (has_new_language(&at))
		TRY(store_transact(world->store, TX_WRITE, a, keep_language, &at));
	refresh(&at, a);
	if (!at.settled)
		TRY(join(&at, single_flights, a));
	if (!at.settled)
		settle(&at, CREATED_TIMEOUT);
	*out = at.result;
	return OK;
}
