#include "app/session/provider_event.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/person.h"
#include "app/session/decision.h"
#include "base/metrics.h"
#include "text/encode.h"

/* A body, twice for the way into the store, and what a decision comes to. */
#define MEMORY_MAX ((size_t)1024 * 1024)
/* Bodies in one go: each may be as large as a request. And how often in one call. */
#define BATCH 8
#define ROUNDS 32

/* Rows of the events' metric: the outcomes, and what is not journaled once more. */
#define COUNT_REPEATED 0

void provider_event_label(void)
{
	metric_label(METRIC_PROVIDER_EVENTS, 0, COUNT_REPEATED, "repeated");
	for (enum provider_event_outcome o = EVENT_OUTCOME_APPLIED; o < EVENT_OUTCOME_COUNT; o++)
		metric_label(METRIC_PROVIDER_EVENTS, 0, (size_t)o, provider_event_outcome_name(o));
}

static const enum provider_event_outcome outcome_of[] = {
	[TRANSITION_APPLIED] = EVENT_OUTCOME_APPLIED,
	[TRANSITION_UNCHANGED] = EVENT_OUTCOME_UNCHANGED,
	[TRANSITION_STALE] = EVENT_OUTCOME_STALE,
	[TRANSITION_NEEDS_POLL] = EVENT_OUTCOME_NEEDS_POLL,
};

/* A person's event that is being taken. */
struct incoming {
	const struct world *world;
	const struct actor *actor;
	const struct provider_event *event;
	bool asked;
	struct session session;
};

/* Under the person's key, bound to its row. */
static enum err keep_body(struct tx *tx, const struct incoming *in)
{
	struct provider_event_body body = { .event_key = in->event->event_key,
		.session_id = in->session.id,
		.received_at = world_now(in->world) };
	char row[2 * sizeof(body.event_key.bytes) + 1];
	const struct sealed_field place = { SEALED_PROVIDER_EVENT_BODY, row };
	struct user user = { .id = in->session.user_id };

	if (in->world->rules->keep_events.ms == 0 || in->event->raw.n == 0)
		return OK;
	hex_write(body.event_key.bytes, sizeof(body.event_key.bytes), row);
	TRY(store_load_user(tx, &user));
	TRY(user_seal(in->world, tx->arena, &user, &place, in->event->raw, &body.sealed_body));
	return store_save_provider_event_body(tx, &body);
}

static enum err journal(const struct world *world, struct tx *tx, const struct provider_event *event,
	const struct session_id *session, enum provider_event_outcome outcome)
{
	struct provider_event_entry entry = { .event_key = event->event_key,
		.body_digest = event->body_digest,
		.session_id = *session,
		.sent_at = event->sent_at,
		.received_at = world_now(world),
		.outcome = outcome };

	/* What does not fit is left out: the journal says what came as far as it is of use, the hash proves
	 * the rest. */
	(void)!str_copy_to(event->kind, entry.kind, sizeof(entry.kind));
	(void)!str_copy_to(event->status_text, entry.status, sizeof(entry.status));
	return store_save_provider_event(tx, &entry);
}

/* A time far ahead of ours would make everything that happens until then too old to count. */
static moment believable(const struct world *world, moment sent)
{
	const moment latest = moment_add(world_now(world), CLOCK_SKEW_MAX);

	return moment_is_before(latest, sent) ? latest : sent;
}

/* What came without a word to go by changes nothing by itself. */
static enum err change(struct tx *tx, struct incoming *in, enum provider_event_outcome *outcome)
{
	const struct provider_event *const event = in->event;
	const struct status_update update = { event->status, STATUS_FROM_EVENT,
		believable(in->world, event->sent_at), event->has_decision ? &event->decision : NULL };

	*outcome = EVENT_OUTCOME_POLLED;
	if (!event->is_authenticated || event->topic != TOPIC_STATUS)
		return OK;
	*outcome = EVENT_OUTCOME_UNKNOWN_STATUS;
	if (!event->status_known)
		return OK;
	const enum transition_verdict step = decision_evaluate(&in->session, &update);
	*outcome = outcome_of[step];
	return decision_apply(in->world, tx, in->actor, &in->session, &update, step);
}

static enum err take_known(struct tx *tx, struct incoming *in, struct provider_event_result *out)
{
	const struct provider_event *const event = in->event;
	bool is_void;

	TRY(decision_is_void(tx, &in->session, &is_void));
	out->outcome = EVENT_OUTCOME_ERASED;
	if (!is_void)
		TRY(change(tx, in, &out->outcome));
	if ((out->outcome == EVENT_OUTCOME_NEEDS_POLL || out->outcome == EVENT_OUTCOME_POLLED) &&
		!in->asked) {
		out->verdict = PROVIDER_EVENT_MUST_POLL;
		return OK;
	}
	TRY(journal(in->world, tx, event, &in->session.id, out->outcome));
	if (!is_void)
		TRY(keep_body(tx, in));
	const struct audit_params params = { AUDIT_PROVIDER_EVENT, in->session.user_id.text,
		in->session.tenant_id.text, provider_event_outcome_name(out->outcome) };
	return audit_append(in->world, tx, in->actor, &params);
}

/* Nobody's: noted, and that is all. */
static enum err take_strange(struct tx *tx, const struct incoming *in, enum provider_event_outcome outcome,
	struct provider_event_result *out)
{
	const struct provider_event *const event = in->event;
	const struct session_id none = { "" };
	const bool young = !moment_is_unset(event->session_created) &&
			   moment_is_before(world_now(in->world),
				   moment_add(event->session_created, SESSION_CREATE_GRACE));

	out->outcome = outcome;
	if (outcome == EVENT_OUTCOME_UNKNOWN_SESSION && young) {
		out->verdict = PROVIDER_EVENT_RETRY_LATER;
		return OK;
	}
	return journal(in->world, tx, event, &none, outcome);
}

/* One whose session was unknown may be sent again by hand when it is known (a restored database). */
static enum err is_repeated(struct tx *tx, const struct provider_event *event, bool *out)
{
	struct provider_event_entry seen = { .event_key = event->event_key };
	const enum err e = store_load_provider_event(tx, &seen);

	*out = e == OK && seen.outcome != EVENT_OUTCOME_UNKNOWN_SESSION;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err provider_event_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct provider_event *event, bool asked, struct provider_event_result *out)
{
	struct incoming in = { world, actor, event, asked, .session = { .status = STATUS_CREATING } };
	bool repeated;

	*out = (struct provider_event_result){ PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_UNCHANGED };
	TRY(is_repeated(tx, event, &repeated));
	if (repeated) {
		out->verdict = PROVIDER_EVENT_DUPLICATE;
		return OK;
	}
	if (event->topic == TOPIC_TEST)
		return take_strange(tx, &in, EVENT_OUTCOME_TEST, out);
	if (event->topic == TOPIC_NOT_TRACKED)
		return take_strange(tx, &in, EVENT_OUTCOME_NOT_TRACKED, out);
	const enum err e = session_by_provider_ref(tx, str_of(event->ref.text), &in.session);
	if (e == ERR_NOT_FOUND)
		return take_strange(tx, &in, EVENT_OUTCOME_UNKNOWN_SESSION, out);
	return e == OK ? take_known(tx, &in, out) : e;
}

struct hearing {
	const struct world *world;
	const struct actor *actor;
	const struct provider_event *event;
	bool asked;
	enum provider_event_outcome doubt; /* when it was asked: why */
	struct provider_event_result result;
};

static enum err take(struct tx *tx, void *arg)
{
	struct hearing *const h = arg;

	return provider_event_apply(h->world, tx, h->actor, h->event, h->asked, &h->result);
}

static enum err hear(struct hearing *h, struct arena *a, duration limit)
{
	const struct poll_params params = { str_of(h->event->ref.text), limit, POLL_FOR_CALLER };
	enum provider_cause cause = PROVIDER_OK;

	TRY(store_transact(h->world->store, TX_WRITE, a, take, h));
	if (h->result.verdict != PROVIDER_EVENT_MUST_POLL)
		return OK;
	h->doubt = h->result.outcome;
	TRY(app_poll_session(h->world, a, h->actor, &params, &cause));
	h->asked = true;
	return store_transact(h->world->store, TX_WRITE, a, take, h);
}

enum err provider_event_process(const struct world *world, const struct actor *actor,
	const struct provider_event *event, duration limit, enum provider_event_verdict *verdict)
{
	struct hearing h = { .world = world, .actor = actor, .event = event };
	struct arena own;

	arena_init(&own, MEMORY_MAX);
	const enum err e = hear(&h, &own, limit);
	arena_finish(&own);
	*verdict = e != OK && h.asked ? PROVIDER_EVENT_RECORDED : h.result.verdict;
	TRY(e);
	/* Each once; one that made us ask by that, whatever it was after the reading. */
	const bool repeated = h.result.verdict == PROVIDER_EVENT_DUPLICATE;
	metric_add(METRIC_PROVIDER_EVENTS,
		h.asked	   ? (size_t)h.doubt
		: repeated ? COUNT_REPEATED
			   : (size_t)h.result.outcome,
		0, 1);
	return OK;
}

struct sweep {
	const struct world *world;
	struct provider_event_body rows[BATCH];
	size_t n;
};

static enum err find(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;
	const struct provider_event_body probe = { .received_at = moment_sub(world_now(sweep->world),
							   sweep->world->rules->keep_events) };

	return store_find(tx, QUERY_EVENT_BODIES_UNTIL, &probe, page_of(0, BATCH), sweep->rows, &sweep->n);
}

static enum err remove_old(struct tx *tx, void *arg)
{
	const struct sweep *const sweep = arg;

	for (size_t i = 0; i < sweep->n; i++)
		TRY(store_remove_provider_event_body(tx, &sweep->rows[i]));
	return OK;
}

/* Who only looks does not need the one writer. */
static enum err clean_some(const struct world *world, struct arena *a, size_t *n)
{
	struct sweep sweep = { .world = world };

	TRY(store_transact(world->store, TX_READ, a, find, &sweep));
	*n = sweep.n;
	return sweep.n > 0 ? store_transact(world->store, TX_WRITE, a, remove_old, &sweep) : OK;
}

enum err provider_event_clean(const struct world *world)
{
	enum err e = OK;
	size_t n = BATCH;

	for (int i = 0; i < ROUNDS && n == BATCH && e == OK; i++) {
		struct arena own;

		arena_init(&own, MEMORY_MAX);
		e = clean_some(world, &own, &n);
		arena_finish(&own);
	}
	return e;
}
