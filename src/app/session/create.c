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
#include "domain/expiry.h"

/* Time limit of the poll that is made before a session is resumed. If the poll takes longer, the stored state
 * of the session is used (interface.md 3). */
#define POLL_BEFORE_RESUME_LIMIT seconds(3)
/* How often the call that leads a single flight checks whether a pending session of a crashed instance may be
 * released. */
#define PLAN_RETRY_INTERVAL milliseconds(250)
/* Maximum number of other calls whose results a call waits for before it gives up. */
#define JOINS_MAX 3

/* The state of one call of app_create_session. It is on the stack of the calling thread. */
struct attempt {
	const struct world *world;
	const struct create_params *params;
	struct linked_users linked;
	struct user user;	    /* the user that a new session would belong to */
	struct user_id flight_user; /* key of the single flight: the user for whom the provider is called */
	struct kyc_status kyc_status;
	enum create_verdict verdict;
	struct session session; /* the pending session, once it is stored; before that, its id is empty */
	struct create_result result;
	bool has_result;  /* true if `result` is complete */
	int64_t deadline; /* ticks; the call does not wait for other calls longer than until this tick */
	bool leading;	  /* this call leads the single flight of `flight_user` */
};

static duration time_left(const struct attempt *attempt)
{
	return milliseconds(attempt->deadline - world_ticks(attempt->world));
}

static void set_outcome(struct attempt *attempt, enum create_outcome outcome)
{
	attempt->result.outcome = outcome;
	attempt->has_result = true;
}

static enum err add_pending_session(struct attempt *attempt, struct tx *tx)
{
	const struct world *const world = attempt->world;
	const struct caller *const caller = attempt->params->caller;
	moment now;

	TRY(store_clock(tx, &now));
	struct session pending = { .user_id = attempt->user.id,
		.tenant_id = caller->tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(world),
		.next_poll_at = moment_add(now, pending_session_max_age(world)),
		.instance_id = world->instance,
		.after_declines = attempt->kyc_status.has_session &&
				  session_follows_decline(&attempt->kyc_status.session) };
	bool reserved;

	TRY(app_quota_reserve(world, tx, caller, &pending.quota_month, &reserved));
	if (!reserved) {
		set_outcome(attempt, CREATE_OUTCOME_OVER_QUOTA);
		return OK;
	}
	TRY(world_id(world, pending.id.text));
	if (!str_copy_to(attempt->params->flow->name, pending.flow, sizeof(pending.flow)) ||
		!str_copy_to(str_of(world->provider->ops->version(world->provider)), pending.provider_version,
			sizeof(pending.provider_version)) ||
		!str_copy_to(world->rules->features, pending.features, sizeof(pending.features)))
		return ERR_INTERNAL;
	TRY(store_add_session(tx, &pending));
	attempt->session = pending;
	return OK;
}

static enum err resume_session(struct attempt *attempt, struct tx *tx)
{
	const struct session *const session = &attempt->kyc_status.session;
	const struct sealed_field place = { SEALED_SESSION_URL, session->id.text };

	TRY(user_unseal(attempt->world, tx->arena, linked_users_find(&attempt->linked, &session->user_id),
		&place, session->sealed_url, &attempt->result.url));
	attempt->result.ref = session->provider_ref;
	set_outcome(attempt, CREATE_OUTCOME_CREATED);
	return OK;
}

static enum err act_on_verdict(struct attempt *attempt, struct tx *tx)
{
	switch (attempt->verdict) {
	case CREATE_NEW:
		return tx->writing ? add_pending_session(attempt, tx) : OK;
	case CREATE_RESUME:
		return resume_session(attempt, tx);
	case CREATE_APPROVED_ALREADY:
		attempt->result.ref = attempt->kyc_status.session.provider_ref;
		set_outcome(attempt, CREATE_OUTCOME_APPROVED);
		return OK;
	case CREATE_REFUSED:
		set_outcome(attempt, CREATE_OUTCOME_REFUSED);
		return OK;
	case CREATE_WAIT:
		return OK;
	case CREATE_ABANDONED:
		if (!tx->writing)
			return OK;
		return pending_session_release(attempt->world, tx, &attempt->params->caller->actor,
			&attempt->kyc_status.pending_session, &pending_session_abandoned);
	}
	return ERR_INTERNAL;
}

/* Chooses the user that a new session belongs to. This is the primary user, unless the provider may have an
 * unknown session for one of the users: that user comes first, because the session is searched for under the
 * user's id. */
static const struct user *choose_user(const struct linked_users *linked)
{
	for (size_t i = 0; i < linked->n; i++)
		if (!moment_is_unset(linked->users[i].orphan_suspected_at))
			return &linked->users[i];
	return linked_users_primary(linked);
}

static enum err decide_create(struct attempt *attempt, struct tx *tx)
{
	struct retry_check check;

	TRY(kyc_status_load(tx, &attempt->linked, &attempt->kyc_status));
	TRY(retry_policy_check(attempt->world, tx, &attempt->linked, &attempt->kyc_status, &check));
	attempt->verdict = check.verdict;
	attempt->result.refusal = check.facts.blocklisted ? CREATE_REFUSAL_BLOCKLIST : CREATE_REFUSAL_TRIES;
	attempt->result.next_try_at = check.next_try_at;
	attempt->user = *choose_user(&attempt->linked);
	if (!attempt->leading)
		attempt->flight_user = check.facts.pending_is_own
					       ? attempt->kyc_status.pending_session.user_id
					       : attempt->user.id;
	/* This process stored the pending session, but no call is working on it, because storing the
	 * provider's result failed. So the pending session is released. */
	else if (attempt->verdict == CREATE_WAIT && check.facts.pending_is_own &&
		 str_eq(str_of(attempt->kyc_status.pending_session.user_id.text),
			 str_of(attempt->flight_user.text)))
		attempt->verdict = CREATE_ABANDONED;
	return act_on_verdict(attempt, tx);
}

static const enum create_outcome outcome_of_lookup[] = {
	[LOOKUP_NOT_ENROLLED] = CREATE_OUTCOME_NOT_PREPARED,
	[LOOKUP_UNVERIFIED] = CREATE_OUTCOME_UNVERIFIED,
	[LOOKUP_MISMATCH] = CREATE_OUTCOME_MISMATCH,
};

/* Checks that the person is enrolled and verified, then what the rules decide about another session. In a
 * write transaction, also stores the pending session. May be run several times. */
static enum err plan_create(struct tx *tx, void *arg)
{
	struct attempt *const attempt = arg;
	const struct identifier_pair identifiers = { attempt->params->identifier, attempt->params->second };
	struct person_lookup lookup;

	/* An earlier run of this transaction may have been rolled back: its results are discarded. */
	attempt->has_result = false;
	attempt->session.id.text[0] = '\0';
	TRY(person_lookup(attempt->world, tx, &attempt->params->caller->tenant, &identifiers,
		LOAD_PLAN_PERSON, &lookup));
	if (lookup.result != LOOKUP_VERIFIED) {
		set_outcome(attempt, outcome_of_lookup[lookup.result]);
		return OK;
	}
	attempt->linked = lookup.linked;
	return decide_create(attempt, tx);
}

static enum err request_session(struct attempt *attempt, struct arena *a)
{
	const struct world *const world = attempt->world;
	const struct session_request request = { world, &attempt->params->caller->actor,
		attempt->params->language, attempt->user, attempt->session };
	struct session_result result;

	TRY(provider_session_create(&request, a, &result));
	attempt->result =
		(struct create_result){ .ref = result.ref, .url = result.url, .failure = result.failure };
	switch (result.verdict) {
	case SESSION_REQUEST_CREATED:
		set_outcome(attempt, CREATE_OUTCOME_CREATED);
		break;
	case SESSION_REQUEST_ERASED:
		set_outcome(attempt, CREATE_OUTCOME_NOT_PREPARED);
		break;
	case SESSION_REQUEST_TIMEOUT:
		set_outcome(attempt, CREATE_OUTCOME_TIMEOUT);
		break;
	case SESSION_REQUEST_FAILED:
		set_outcome(attempt, CREATE_OUTCOME_FAILED);
		if (result.failure.cause == PROVIDER_PAUSED) {
			set_outcome(attempt, CREATE_OUTCOME_PAUSED);
			attempt->result.wait = world->provider->ops->pause(world->provider);
		}
		break;
	}
	return OK;
}

/* Polls the provider before an open session is resumed, if the stored state is older than
 * rules->reconcile_after and so may be out of date. If the poll succeeds, the call is planned again. */
static void poll_before_resume(struct attempt *attempt, struct arena *a)
{
	const struct session *const session = &attempt->kyc_status.session;
	const struct poll_params params = { str_of(session->provider_ref.text), POLL_BEFORE_RESUME_LIMIT,
		POLL_FOR_CALLER };
	const duration fresh = attempt->world->rules->reconcile_after;
	enum provider_cause cause;

	if (attempt->verdict != CREATE_RESUME || !attempt->has_result ||
		expiry_is_open(moment_add(session->last_update_at, fresh), fresh, world_now(attempt->world)))
		return;
	if (app_poll_session(attempt->world, a, &attempt->params->caller->actor, &params, &cause) == OK)
		attempt->has_result = false;
}

/* Runs the call that leads a single flight: plans, calls the provider, stores the result. If there is a
 * pending session of a crashed instance, waits until that session may be released. */
static enum err lead_create(struct attempt *attempt, struct single_flights *single_flights, struct arena *a)
{
	const struct arena_mark before = arena_mark(a);

	for (;;) {
		/* A repeated plan reuses the memory of the plan before it. */
		arena_rewind(a, before);
		attempt->session.id.text[0] = '\0';
		TRY(store_transact(attempt->world->store, TX_WRITE, a, plan_create, attempt));
		if (attempt->has_result)
			return OK;
		if (attempt->session.id.text[0] != '\0')
			return request_session(attempt, a);
		if (attempt->verdict == CREATE_ABANDONED)
			continue;
		if (time_left(attempt).ms <= 0) {
			set_outcome(attempt, CREATE_OUTCOME_TIMEOUT);
			return OK;
		}
		single_flight_wait(single_flights, PLAN_RETRY_INTERVAL);
	}
}

/* The result of the leading call, which is passed to all calls that waited for it. */
struct flight_result {
	enum err e;
	struct create_result result;
	struct tenant_id tenant; /* the tenant of the leading call */
};

static enum err lead_and_finish(
	struct attempt *attempt, struct single_flights *single_flights, struct arena *a)
{
	attempt->leading = true;
	struct flight_result flight_result = { .e = lead_create(attempt, single_flights, a),
		.tenant = attempt->params->caller->tenant.id };

	attempt->leading = false;
	flight_result.result = attempt->result;
	/* The URL is in the arena of the leading call. Each waiting call loads it from the store into its own
	 * arena. */
	flight_result.result.url = (struct str){ NULL, 0 };
	single_flight_finish(
		single_flights, attempt->flight_user.text, &flight_result, sizeof(flight_result));
	return flight_result.e;
}

/* Returns whether the result of the leading call is also this call's result. It is if the provider failed, or
 * if the quota of the same tenant is used up. For any other outcome the call plans again; then it finds, for
 * example, the new session to resume. */
static bool applies_to_caller(const struct attempt *attempt, const struct flight_result *flight_result)
{
	return flight_result->result.outcome == CREATE_OUTCOME_FAILED ||
	       flight_result->result.outcome == CREATE_OUTCOME_PAUSED ||
	       (flight_result->result.outcome == CREATE_OUTCOME_OVER_QUOTA &&
		       str_eq(str_of(flight_result->tenant.text),
			       str_of(attempt->params->caller->tenant.id.text)));
}

static enum err join_flight(struct attempt *attempt, struct single_flights *single_flights, struct arena *a)
{
	struct flight_result flight_result;

	for (int i = 0; i < JOINS_MAX && !attempt->has_result; i++) {
		const duration limit = time_left(attempt);

		if (limit.ms <= 0)
			return OK;
		switch (single_flight_join(single_flights, attempt->flight_user.text, limit, &flight_result,
			sizeof(flight_result))) {
		case SINGLE_FLIGHT_LEAD:
			return lead_and_finish(attempt, single_flights, a);
		case SINGLE_FLIGHT_FULL:
			return ERR_BUSY;
		case SINGLE_FLIGHT_TIMEOUT:
			return OK;
		case SINGLE_FLIGHT_DONE:
			break;
		}
		TRY(flight_result.e);
		if (!applies_to_caller(attempt, &flight_result)) {
			TRY(store_transact(attempt->world->store, TX_READ, a, plan_create, attempt));
			continue;
		}
		attempt->result = flight_result.result;
		attempt->has_result = true;
	}
	return OK;
}

static enum err save_language(struct tx *tx, void *arg)
{
	const struct attempt *const attempt = arg;
	struct user user = { .id = attempt->user.id };

	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user) ||
		!str_copy_to(attempt->params->language, user.language, sizeof(user.language)))
		return OK;
	return store_save_user(tx, &user);
}

static bool has_new_language(const struct attempt *attempt)
{
	return attempt->user.id.text[0] != '\0' && attempt->params->language.n > 0 &&
	       !str_eq(attempt->params->language, str_of(attempt->user.language));
}

enum err app_create_session(const struct world *world, struct single_flights *single_flights, struct arena *a,
	const struct create_params *params, struct create_result *out)
{
	struct attempt attempt = { .world = world,
		.params = params,
		.deadline = world_ticks(world) + pending_session_max_age(world).ms };

	/* The first transaction is a read transaction, because most calls write nothing: the person is
	 * refused, is approved or has an open session. */
	TRY(store_transact(world->store, TX_READ, a, plan_create, &attempt));
	if (has_new_language(&attempt))
		TRY(store_transact(world->store, TX_WRITE, a, save_language, &attempt));
	poll_before_resume(&attempt, a);
	if (!attempt.has_result)
		TRY(join_flight(&attempt, single_flights, a));
	if (!attempt.has_result)
		set_outcome(&attempt, CREATE_OUTCOME_TIMEOUT);
	*out = attempt.result;
	return OK;
}
