#include "app/session/provider_event.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/person.h"
#include "app/session/decision.h"
#include "app/session/decision_count.h"
#include "base/log.h"
#include "base/metrics.h"
#include "text/encode.h"

/* Arena size in bytes for one event. It is enough for the body, its copies for the store, and the decision in
 * it. */
#define ARENA_LIMIT ((size_t)1024 * 1024)
#define BATCH 8	       /* event bodies removed per transaction; each may be as large as a request */
#define BATCHES_MAX 32 /* transactions per call of the clean-up */

/* The label of the events metric for events that were received again. Other events have the label of their
 * outcome. */
#define REPEATED_LABEL 0

void provider_event_label(void)
{
	metric_label(METRIC_PROVIDER_EVENTS, 0, REPEATED_LABEL, "repeated");
	for (enum provider_event_outcome o = EVENT_OUTCOME_APPLIED; o < EVENT_OUTCOME_COUNT; o++)
		metric_label(METRIC_PROVIDER_EVENTS, 0, (size_t)o, provider_event_outcome_name(o));
}

static const enum provider_event_outcome outcome_of_transition[] = {
	[TRANSITION_APPLIED] = EVENT_OUTCOME_APPLIED,
	[TRANSITION_UNCHANGED] = EVENT_OUTCOME_UNCHANGED,
	[TRANSITION_STALE] = EVENT_OUTCOME_STALE,
	[TRANSITION_NEEDS_POLL] = EVENT_OUTCOME_NEEDS_POLL,
};

/* The state of applying one event to its session. */
struct apply_job {
	const struct world *world;
	const struct actor *actor;
	const struct provider_event *event;
	bool polled;
	struct session session;
};

/* If KYCD_KEEP_EVENTS is set, seals the body under the user's key and stores it. */
static enum err save_body(struct tx *tx, const struct apply_job *job)
{
	struct provider_event_body body = { .event_key = job->event->event_key,
		.session_id = job->session.id,
		.received_at = world_now(job->world) };
	char row[2 * sizeof(body.event_key.bytes) + 1];
	const struct sealed_field place = { SEALED_PROVIDER_EVENT_BODY, row };
	struct user user = { .id = job->session.user_id };

	if (job->world->rules->keep_events.ms == 0 || job->event->raw.n == 0)
		return OK;
	hex_write(body.event_key.bytes, sizeof(body.event_key.bytes), row);
	TRY(store_load_user(tx, &user));
	TRY(user_seal(job->world, tx->arena, &user, &place, job->event->raw, &body.sealed_body));
	return store_save_provider_event_body(tx, &body);
}

/* Copies a text. If it does not fit, it is truncated between two UTF-8 characters. */
static void copy_cut(struct str text, char *out, size_t size)
{
	if (text.n >= size) {
		text.n = size - 1;
		while (text.n > 0 && !str_is_utf8(text))
			text.n--;
	}
	(void)!str_copy_to(text, out, size);
}

static enum err record_event(const struct world *world, struct tx *tx, const struct provider_event *event,
	const struct session_id *session, enum provider_event_outcome outcome)
{
	struct provider_event_entry entry = { .event_key = event->event_key,
		.body_digest = event->body_digest,
		.session_id = *session,
		.sent_at = event->sent_at,
		.received_at = world_now(world),
		.outcome = outcome };

	copy_cut(event->kind, entry.kind, sizeof(entry.kind));
	copy_cut(event->status_text, entry.status, sizeof(entry.status));
	return store_save_provider_event(tx, &entry);
}

/* Limits how far an event's time may be ahead of kycd's clock. Otherwise all later events would be treated as
 * older than this event, until that time is reached. */
static moment limit_sent_at(const struct world *world, moment sent)
{
	const moment latest = moment_add(world_now(world), CLOCK_SKEW_MAX);

	return moment_is_before(latest, sent) ? latest : sent;
}

/* Applies the status in the event. An event that is not fully authenticated, or that reports no status,
 * changes nothing by itself; the session must then be polled. */
static enum err apply_status(struct tx *tx, struct apply_job *job, enum provider_event_outcome *outcome)
{
	const struct provider_event *const event = job->event;
	const struct status_update update = { event->status, STATUS_FROM_EVENT,
		limit_sent_at(job->world, event->sent_at), event->has_decision ? &event->decision : NULL };

	*outcome = EVENT_OUTCOME_POLLED;
	if (!event->is_authenticated || event->topic != TOPIC_STATUS)
		return OK;
	*outcome = EVENT_OUTCOME_UNKNOWN_STATUS;
	if (!event->status_known)
		return OK;
	enum transition_verdict transition = decision_evaluate(&job->session, &update);
	/* Without a readable time, the event may be newer than what is known, although it looks older. */
	if (transition == TRANSITION_STALE && moment_is_unset(event->sent_at))
		transition = TRANSITION_NEEDS_POLL;
	*outcome = outcome_of_transition[transition];
	return decision_apply(job->world, tx, job->actor, &job->session, &update, transition);
}

static enum err apply_to_session(struct tx *tx, struct apply_job *job, struct provider_event_result *out)
{
	const struct provider_event *const event = job->event;
	bool is_void;

	TRY(decision_is_void(tx, &job->session, &is_void));
	out->outcome = EVENT_OUTCOME_ERASED;
	if (!is_void)
		TRY(apply_status(tx, job, &out->outcome));
	out->tenant_id = job->session.tenant_id;
	out->status = job->session.status;
	if ((out->outcome == EVENT_OUTCOME_NEEDS_POLL || out->outcome == EVENT_OUTCOME_POLLED) &&
		!job->polled) {
		out->verdict = PROVIDER_EVENT_MUST_POLL;
		return OK;
	}
	TRY(record_event(job->world, tx, event, &job->session.id, out->outcome));
	if (!is_void)
		TRY(save_body(tx, job));
	const struct audit_params params = { AUDIT_PROVIDER_EVENT, job->session.user_id.text,
		job->session.tenant_id.text, provider_event_outcome_name(out->outcome) };
	return audit_append(job->world, tx, job->actor, &params);
}

/* Records an event that belongs to no session in the database. */
static enum err record_without_session(struct tx *tx, const struct apply_job *job,
	enum provider_event_outcome outcome, struct provider_event_result *out)
{
	const struct provider_event *const event = job->event;
	const struct session_id none = { "" };
	const bool is_new = !moment_is_unset(event->session_created) &&
			    moment_is_before(world_now(job->world),
				    moment_add(event->session_created, SESSION_CREATE_GRACE));

	out->outcome = outcome;
	if (outcome == EVENT_OUTCOME_UNKNOWN_SESSION && is_new) {
		out->verdict = PROVIDER_EVENT_RETRY_LATER;
		return OK;
	}
	return record_event(job->world, tx, event, &none, outcome);
}

/* Returns whether the event was received before. After a database was restored, an event of a session that
 * was unknown may be sent again when the session is known; it then counts as new. */
static enum err is_repeated_event(struct tx *tx, const struct provider_event *event, bool *out)
{
	struct provider_event_entry seen = { .event_key = event->event_key };
	const enum err e = store_load_provider_event(tx, &seen);

	*out = e == OK && seen.outcome != EVENT_OUTCOME_UNKNOWN_SESSION;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err provider_event_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct provider_event *event, bool polled, struct provider_event_result *out)
{
	struct apply_job job = { world, actor, event, polled, .session = { .status = STATUS_CREATING } };
	bool repeated;

	*out = (struct provider_event_result){ .verdict = PROVIDER_EVENT_RECORDED,
		.outcome = EVENT_OUTCOME_UNCHANGED };
	TRY(is_repeated_event(tx, event, &repeated));
	if (repeated) {
		out->verdict = PROVIDER_EVENT_DUPLICATE;
		return OK;
	}
	if (event->topic == TOPIC_TEST)
		return record_without_session(tx, &job, EVENT_OUTCOME_TEST, out);
	if (event->topic == TOPIC_NOT_TRACKED)
		return record_without_session(tx, &job, EVENT_OUTCOME_NOT_TRACKED, out);
	const enum err e = session_by_provider_ref(tx, str_of(event->ref.text), &job.session);
	if (e == ERR_NOT_FOUND)
		return record_without_session(tx, &job, EVENT_OUTCOME_UNKNOWN_SESSION, out);
	return e == OK ? apply_to_session(tx, &job, out) : e;
}

struct process_job {
	const struct world *world;
	const struct actor *actor;
	const struct provider_event *event;
	bool polled;
	enum provider_event_outcome first_outcome; /* the outcome that made a poll necessary */
	struct provider_event_result result;
};

static enum err apply_event_in_tx(struct tx *tx, void *arg)
{
	struct process_job *const job = arg;

	return provider_event_apply(job->world, tx, job->actor, job->event, job->polled, &job->result);
}

static enum err apply_event_and_poll(struct process_job *job, struct arena *a, duration limit)
{
	const struct poll_params params = { str_of(job->event->ref.text), limit, POLL_FOR_CALLER };
	enum provider_cause cause = PROVIDER_OK;

	TRY(store_transact(job->world->store, TX_WRITE, a, apply_event_in_tx, job));
	if (job->result.verdict != PROVIDER_EVENT_MUST_POLL)
		return OK;
	job->first_outcome = job->result.outcome;
	const enum err e = app_poll_session(job->world, a, job->actor, &params, &cause);
	/* If kycd does not know the reported status, sending the event again would not help, so it is
	 * recorded. */
	if (e != OK && cause != PROVIDER_UNKNOWN_STATUS)
		return e;
	job->polled = true;
	return store_transact(job->world->store, TX_WRITE, a, apply_event_in_tx, job);
}

static void log_unknown_status(const struct provider_event *event)
{
	char text[PROVIDER_WORD_SIZE];

	(void)provider_word_copy(event->status_text, text, sizeof(text));
	log_event(LOG_WARN, "provider_status_unknown", LOG_WORD("session_id", event->ref.text),
		LOG_TEXT("text", text), LOG_TEXT("reason", "kycd does not know this status of the provider"),
		LOG_TEXT("effect",
			"the event is recorded and changes nothing; the session is polled when due"),
		LOG_TEXT("action", provider_reason_action(PROVIDER_REASON_UNKNOWN_STATUS)));
}

enum err provider_event_process(const struct world *world, const struct actor *actor,
	const struct provider_event *event, duration limit, enum provider_event_verdict *verdict)
{
	struct process_job job = { .world = world, .actor = actor, .event = event };
	struct arena arena;

	arena_init(&arena, ARENA_LIMIT);
	const enum err e = apply_event_and_poll(&job, &arena, limit);
	arena_finish(&arena);
	*verdict = e != OK && job.polled ? PROVIDER_EVENT_RECORDED : job.result.verdict;
	TRY(e);
	/* Counts each event once. An event that made a poll necessary is counted by that first outcome,
	 * whatever its outcome after the poll is. */
	const bool repeated = job.result.verdict == PROVIDER_EVENT_DUPLICATE;
	if (!repeated && job.result.outcome == EVENT_OUTCOME_UNKNOWN_STATUS)
		log_unknown_status(event);
	if (!repeated && job.result.outcome == EVENT_OUTCOME_APPLIED)
		decision_count(&job.result.tenant_id, job.result.status);
	metric_add(METRIC_PROVIDER_EVENTS,
		job.polled ? (size_t)job.first_outcome
		: repeated ? REPEATED_LABEL
			   : (size_t)job.result.outcome,
		0, 1);
	return OK;
}

struct body_cleanup {
	const struct world *world;
	struct provider_event_body rows[BATCH];
	size_t n;
};

static enum err find_old_bodies(struct tx *tx, void *arg)
{
	struct body_cleanup *const cleanup = arg;
	const struct provider_event_body probe = { .received_at = moment_sub(world_now(cleanup->world),
							   cleanup->world->rules->keep_events) };

	return store_find(
		tx, QUERY_EVENT_BODIES_UNTIL, &probe, page_of(0, BATCH), cleanup->rows, &cleanup->n);
}

static enum err remove_old_bodies(struct tx *tx, void *arg)
{
	const struct body_cleanup *const cleanup = arg;

	for (size_t i = 0; i < cleanup->n; i++)
		TRY(store_remove_provider_event_body(tx, &cleanup->rows[i]));
	return OK;
}

/* Searches for bodies in a read transaction first. If there is nothing to remove, SQLite's only writer is not
 * occupied. */
static enum err clean_body_batch(const struct world *world, struct arena *a, size_t *n)
{
	struct body_cleanup cleanup = { .world = world };

	TRY(store_transact(world->store, TX_READ, a, find_old_bodies, &cleanup));
	*n = cleanup.n;
	return cleanup.n > 0 ? store_transact(world->store, TX_WRITE, a, remove_old_bodies, &cleanup) : OK;
}

enum err provider_event_clean(const struct world *world)
{
	enum err e = OK;
	size_t n = BATCH;

	for (int i = 0; i < BATCHES_MAX && n == BATCH && e == OK; i++) {
		struct arena arena;

		arena_init(&arena, ARENA_LIMIT);
		e = clean_body_batch(world, &arena, &n);
		arena_finish(&arena);
	}
	return e;
}
