#include "app/create.h"

#include "app/another.h"
#include "app/decision.h"
#include "app/note.h"
#include "app/ordering.h"
#include "app/party.h"
#include "app/quota.h"
#include "app/standing.h"
#include "app/trail.h"

/* How long a reading before a resume may take: then the stored state serves. (interface.md 3) */
#define READ_BEFORE_RESUME seconds(3)
/* How often a caller looks again while a dead instance's note ripens. */
#define LOOK_AGAIN milliseconds(250)
/* How often a caller waits for somebody else's call before it is told to come again. */
#define JOINS_MAX 3

/* One caller's way through it; lives on the caller's stack. */
struct attempt {
	const struct world *world;
	const struct create_order *order;
	struct party party;
	struct user user;      /* whose a new session would be */
	struct user_id flight; /* whom this process may be asking the provider for */
	struct standing standing;
	enum create_verdict verdict;
	struct session session; /* the note, once there is one */
	struct created result;
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
	const struct caller *const caller = at->order->caller;
	moment now;

	TRY(store_clock(tx, &now));
	struct session note = { .user = at->user.id,
		.tenant = caller->tenant.id,
		.status = STATUS_CREATING,
		.created = world_now(world),
		.due = moment_add(now, note_stale_after(world)),
		.instance = world->instance,
		.after_declines = at->standing.has_session &&
				  session_follows_decline(&at->standing.session) };
	bool reserved;

	TRY(app_quota_reserve(world, tx, caller, &note.quota_month, &reserved));
	if (!reserved) {
		settle(at, CREATED_OVER_QUOTA);
		return OK;
	}
	TRY(world_id(world, note.id.text));
	if (!str_copy_to(at->order->flow->name, note.flow, sizeof(note.flow)) ||
		!str_copy_to(str_of(world->provider->ops->version(world->provider)), note.provider_version,
			sizeof(note.provider_version)) ||
		!str_copy_to(world->rules->features, note.features, sizeof(note.features)))
		return ERR_INTERNAL;
	TRY(store_add_session(tx, &note));
	at->session = note;
	return OK;
}

static enum err resume(struct attempt *at, struct tx *tx)
{
	const struct session *const session = &at->standing.session;
	const struct sealed_place place = { "sessions", "url", session->id.text };

	TRY(person_read(at->world, tx->arena, party_find(&at->party, &session->user), &place, session->url,
		&at->result.url));
	at->result.ref = session->provider;
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
		at->result.ref = at->standing.session.provider;
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
		return note_drop(
			at->world, tx, &at->order->caller->actor, &at->standing.note, &note_of_the_dead);
	}
	return ERR_INTERNAL;
}

/* The head's, unless the provider may have one of somebody of them that we do not know of: it is looked for
 * under their id. */
static const struct user *choose_user(const struct party *party)
{
	for (size_t i = 0; i < party->n; i++)
		if (!moment_is_unset(party->users[i].doubted))
			return &party->users[i];
	return party_head(party);
}

static enum err judge(struct attempt *at, struct tx *tx)
{
	struct another another;

	TRY(standing_load(tx, &at->party, &at->standing));
	TRY(another_judge(at->world, tx, &at->party, &at->standing, &another));
	at->verdict = another.verdict;
	at->user = *choose_user(&at->party);
	if (!at->leading)
		at->flight = another.facts.pending_is_own ? at->standing.note.user : at->user.id;
	/* A note of our own that no call of ours is working on: its record could not be written. */
	else if (at->verdict == CREATE_WAIT && another.facts.pending_is_own &&
		 str_eq(str_of(at->standing.note.user.text), str_of(at->flight.text)))
		at->verdict = CREATE_ABANDONED;
	return act_on(at, tx);
}

static const enum create_outcome outcome_of[] = {
	[MEETING_STRANGER] = CREATED_UNPREPARED,
	[MEETING_UNPROVEN] = CREATED_UNPROVEN,
	[MEETING_MISMATCH] = CREATED_MISMATCH,
};

/* Prepared? Proven? Then what the rules say of another session. In a writing transaction also the note. */
static enum err plan(struct tx *tx, void *arg)
{
	struct attempt *const at = arg;
	const struct naming naming = { at->order->who, at->order->also };
	struct acquainted known;

	/* A first run may have been undone, and what it found with it. */
	at->settled = false;
	at->session.id.text[0] = '\0';
	TRY(party_meet(at->world, tx, &at->order->caller->tenant, &naming, LOAD_PLAN_PERSON, &known));
	if (known.meeting != MEETING_PROVEN) {
		settle(at, outcome_of[known.meeting]);
		return OK;
	}
	at->party = known.party;
	return judge(at, tx);
}

static enum err order(struct attempt *at, struct arena *a)
{
	const struct world *const world = at->world;
	const struct ordering ordering = { world, &at->order->caller->actor, at->order->language, at->user,
		at->session };
	struct ordered ordered;

	TRY(order_session(&ordering, a, &ordered));
	at->result = (struct created){ .ref = ordered.ref, .url = ordered.url, .cause = ordered.cause };
	switch (ordered.verdict) {
	case ORDER_MADE:
		settle(at, CREATED);
		break;
	case ORDER_GONE:
		settle(at, CREATED_UNPREPARED);
		break;
	case ORDER_LATE:
		settle(at, CREATED_LATE);
		break;
	case ORDER_FAILED:
		settle(at, CREATED_FAILED);
		if (ordered.cause == PROVIDER_PAUSED) {
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
	const struct session *const session = &at->standing.session;
	const struct poll_params params = { str_of(session->provider.text), READ_BEFORE_RESUME,
		POLL_FOR_CALLER };
	enum provider_cause cause;

	if (at->verdict != CREATE_RESUME || !at->settled ||
		moment_is_before(
			world_now(at->world), moment_add(session->heard, at->world->rules->reconcile_after)))
		return;
	if (app_read_session(at->world, a, &at->order->caller->actor, &params, &cause) == OK)
		at->settled = false;
}

/* The leader: plans, asks, records. A note of a dead instance is waited for until it may be repaired. */
static enum err lead(struct attempt *at, struct flights *flights, struct arena *a)
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
			settle(at, CREATED_LATE);
			return OK;
		}
		flight_pause(flights, LOOK_AGAIN);
	}
}

/* What all who waited for one flight hear. */
struct landing {
	enum err e;
	struct created result;
	struct tenant_id tenant; /* the leader's */
};

static enum err lead_and_land(struct attempt *at, struct flights *flights, struct arena *a)
{
	at->leading = true;
	struct landing landing = { .e = lead(at, flights, a), .tenant = at->order->caller->tenant.id };

	at->leading = false;
	landing.result = at->result;
	/* It lives in the leader's arena: those who waited read it from the store into their own. */
	landing.result.url = (struct str){ NULL, 0 };
	flight_land(flights, at->flight.text, &landing, sizeof(landing));
	return landing.e;
}

/* A failed call is everybody's who waited for it, a quota that is used up is its tenant's. Any other outcome
 * each looks up for itself: a session made is there to be resumed. */
static bool is_ours_too(const struct attempt *at, const struct landing *landing)
{
	return landing->result.outcome == CREATED_FAILED || landing->result.outcome == CREATED_PAUSED ||
	       (landing->result.outcome == CREATED_OVER_QUOTA &&
		       str_eq(str_of(landing->tenant.text), str_of(at->order->caller->tenant.id.text)));
}

static enum err join(struct attempt *at, struct flights *flights, struct arena *a)
{
	struct landing landing;

	for (int i = 0; i < JOINS_MAX && !at->settled; i++) {
		const duration limit = time_left(at);

		if (limit.ms <= 0)
			return OK;
		switch (flight_join(flights, at->flight.text, limit, &landing, sizeof(landing))) {
		case FLIGHT_LEAD:
			return lead_and_land(at, flights, a);
		case FLIGHT_FULL:
			return ERR_BUSY;
		case FLIGHT_LATE:
			return OK;
		case FLIGHT_DONE:
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
	if (user_is_erased(&user) || !str_copy_to(at->order->language, user.language, sizeof(user.language)))
		return OK;
	return store_save_user(tx, &user);
}

static bool has_new_language(const struct attempt *at)
{
	return at->user.id.text[0] != '\0' && at->order->language.n > 0 &&
	       !str_eq(at->order->language, str_of(at->user.language));
}

enum err app_create_session(const struct world *world, struct flights *flights, struct arena *a,
	const struct create_order *order, struct created *out)
{
	struct attempt at = {
		.world = world, .order = order, .deadline = world_ticks(world) + note_stale_after(world).ms
	};

	/* Most calls need no writing: who is not allowed, who is approved, who has a session open. */
	TRY(store_transact(world->store, TX_READ, a, plan, &at));
	if (has_new_language(&at))
		TRY(store_transact(world->store, TX_WRITE, a, keep_language, &at));
	refresh(&at, a);
	if (!at.settled)
		TRY(join(&at, flights, a));
	if (!at.settled)
		settle(&at, CREATED_LATE);
	*out = at.result;
	return OK;
}
