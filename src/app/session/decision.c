#include "app/session/decision.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/event/kyc_event.h"
#include "app/person/kyc_status.h"
#include "app/person/link_completion.h"
#include "app/person/person.h"
#include "app/session/decision_count.h"
#include "app/session/failure_log.h"
#include "base/buf.h"
#include "base/log_limit.h"
#include "text/json.h"

static void write_ips(struct buf *text, const struct decision *decision)
{
	struct json_writer w;

	json_writer_init(&w, text);
	json_begin_array(&w);
	for (size_t i = 0; i < decision->n_ips; i++) {
		json_begin_object(&w);
		for (enum ip_field f = 0; f < IP_FIELDS; f++) {
			json_key(&w, ip_field_name(f));
			json_put_raw(&w, decision->ips[i].fields[f]);
		}
		json_end_object(&w);
	}
	json_end_array(&w);
}

static void write_warnings(struct buf *text, const struct decision *decision)
{
	struct json_writer w;

	json_writer_init(&w, text);
	json_begin_array(&w);
	for (size_t i = 0; i < decision->n_warnings; i++) {
		json_begin_object(&w);
		json_field_text(&w, "feature", decision->warnings[i].feature);
		json_field_text(&w, "risk", decision->warnings[i].risk);
		if (decision->warnings[i].is_information)
			json_field_bool(&w, "information", true);
		json_end_object(&w);
	}
	json_end_array(&w);
}

static void write_results(struct buf *text, const struct decision *decision)
{
	struct json_writer w;

	json_writer_init(&w, text);
	json_begin_array(&w);
	for (size_t i = 0; i < decision->n_results; i++) {
		json_begin_object(&w);
		json_field_text(&w, "feature", decision->results[i].feature);
		json_field_text(&w, "status", decision->results[i].status);
		json_end_object(&w);
	}
	json_end_array(&w);
}

enum err decision_write(const struct decision *decision, struct arena *a, struct str *out)
{
	struct buf text;

	buf_init(&text, a);
	write_ips(&text, decision);
	buf_char(&text, '\n');
	write_warnings(&text, decision);
	buf_char(&text, '\n');
	write_results(&text, decision);
	return buf_done(&text, out);
}

struct str decision_ip_info(struct str stored)
{
	struct str ip_info;

	return str_cut(&stored, '\n', &ip_info) ? ip_info : STR("[]");
}

/* Saves the features that the provider reported. If the provider reports less than is known, which is the
 * workflow's id without its version, the known features are kept. */
static void save_features(struct session *session, struct str reported)
{
	const struct str known = str_of(session->features);
	const bool is_less_specific = str_starts(known, reported) &&
				      (known.n == reported.n || known.p[reported.n] == '@');

	if (reported.n > 0 && !is_less_specific)
		(void)!str_copy_to(reported, session->features, sizeof(session->features));
}

static enum err save_decision(
	const struct world *world, struct tx *tx, struct session *session, const struct decision *decision)
{
	struct user user = { .id = session->user_id };
	struct str plain;
	const struct sealed_field place = { SEALED_SESSION_DECISION, session->id.text };

	TRY(store_load_user(tx, &user));
	TRY(decision_write(decision, tx->arena, &plain));
	TRY(user_seal(world, tx->arena, &user, &place, plain, &session->sealed_decision));
	session->blocklisted = decision->blocklisted;
	save_features(session, str_of(decision->features));
	return OK;
}

enum transition_verdict decision_evaluate(const struct session *session, const struct status_update *update)
{
	if (update->source == STATUS_FROM_POLL)
		return session_status_transition(
			session->status, (moment){ 0 }, update->status, update->at, STATUS_FROM_POLL);
	if (update->status != session->status && !moment_is_unset(session->last_poll_at) &&
		moment_is_before(update->at, moment_add(session->last_poll_at, CLOCK_SKEW_MAX)) &&
		!moment_is_before(update->at, session->provider_event_at))
		return TRANSITION_NEEDS_POLL;
	return session_status_transition(
		session->status, session->provider_event_at, update->status, update->at, STATUS_FROM_EVENT);
}

enum err decision_is_void(struct tx *tx, const struct session *session, bool *is_void)
{
	struct user user = { .id = session->user_id };

	TRY(store_load_user(tx, &user));
	*is_void = user_is_erased(&user);
	return OK;
}

enum err decision_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct status_update *update, enum transition_verdict transition)
{
	const enum session_status previous = session->status;

	if (transition != TRANSITION_APPLIED && transition != TRANSITION_UNCHANGED)
		return OK;
	session->last_update_at = world_now(world);
	if (update->source == STATUS_FROM_POLL)
		session->last_poll_at = session->last_update_at;
	else if (moment_is_before(session->provider_event_at, update->at))
		session->provider_event_at = update->at;
	session->status = update->status;
	session->next_poll_at = session_next_poll_at(session, world->rules->reconcile_after);
	if (update->decision)
		TRY(save_decision(world, tx, session, update->decision));
	TRY(store_save_session(tx, session));
	if (transition != TRANSITION_APPLIED)
		return OK;
	TRY(session_updated_events(world, tx, session, previous));
	if (!session_status_is_open(session->status))
		TRY(link_completion_save(world, tx, &session->user_id));
	const struct audit_params params = { AUDIT_DECISION, session->user_id.text, session->tenant_id.text,
		session_status_provider_name(session->status) };
	return audit_append(world, tx, actor, &params);
}

/* If an event changes the session during a poll, it is unknown whether the event or the poll is newer. The
 * session is then polled again, at most this many times in total. */
#define POLLS_MAX 3

struct poll_job {
	const struct world *world;
	const struct actor *actor;
	const struct poll_params *params;
	const struct session_snapshot *snapshot;
	struct session session; /* the session as it was before the poll */
	moment started;
	bool is_overtaken;
	struct session current; /* the session as it is now, if is_overtaken */
	bool is_decided;	/* the poll changed the status to `snapshot->status` */
};

/* Returns whether the provider no longer knows an open session. Such a session can never be finished and is
 * treated as expired. A decided session keeps its decision, because its data may have been deleted at the
 * provider on purpose. */
static bool is_lost_at_provider(const struct poll_job *job, enum provider_cause cause)
{
	const bool is_new = moment_is_before(
		job->started, moment_add(job->session.created_at, SESSION_CREATE_GRACE));

	return cause == PROVIDER_UNKNOWN_SESSION && session_status_is_open(job->session.status) && !is_new;
}

/* Failures that concern one session are always logged, others at most once a minute for each reason. Nothing
 * is logged if no call was made, or if the provider does not know the session. */
static void log_poll_failure(const struct poll_job *job, const struct provider_failure *failure)
{
	static struct log_limit limits[PROVIDER_REASONS];
	static const bool is_about_session[PROVIDER_REASONS] = {
		[PROVIDER_REASON_TOO_LARGE] = true,
		[PROVIDER_REASON_UNKNOWN_STATUS] = true,
	};
	struct log_field fields[2 + FAILURE_LOG_FIELDS] = { LOG_WORD(
		"session_id", job->session.provider_ref.text) };
	int times = 1;

	if (failure->reason == PROVIDER_REASON_NONE || failure->cause == PROVIDER_UNKNOWN_SESSION)
		return;
	if (!is_about_session[failure->reason])
		times = log_limit_count(&limits[failure->reason], world_ticks(job->world));
	if (times == 0)
		return;
	fields[1] = LOG_NUMBER("times", times);
	log_write(LOG_WARN, "poll_failed", fields, 2 + failure_log_fields(failure, fields + 2));
}

static enum err poll_provider(struct poll_job *job, struct arena *a, duration limit,
	struct session_snapshot *snapshot, enum provider_cause *cause)
{
	struct provider_failure failure = { .cause = PROVIDER_OK };
	struct provider *const provider = job->world->provider;
	const struct poll_params params = { job->params->ref, limit, job->params->priority };

	job->started = world_now(job->world);
	const enum err e = provider->ops->poll(provider, &params, a, snapshot, &failure);
	*cause = failure.cause;
	if (e == OK)
		return OK;
	log_poll_failure(job, &failure);
	if (!is_lost_at_provider(job, *cause))
		return e;
	*snapshot = (struct session_snapshot){ .ref = job->session.provider_ref, .status = STATUS_EXPIRED };
	return OK;
}

static enum err find_session(struct tx *tx, void *arg)
{
	struct poll_job *const job = arg;

	return session_by_provider_ref(tx, job->params->ref, &job->session);
}

static enum err record_poll(struct tx *tx, void *arg)
{
	struct poll_job *const job = arg;
	struct session session;
	bool erased;

	job->is_decided = false;
	TRY(session_by_provider_ref(tx, job->params->ref, &session));
	TRY(decision_is_void(tx, &session, &erased));
	if (erased) {
		job->is_overtaken = false;
		return OK;
	}
	const struct status_update update = { job->snapshot->status, STATUS_FROM_POLL, job->started,
		job->snapshot->has_decision ? &job->snapshot->decision : NULL };
	/* Compares the row's contents and not only times, because an event may have been stored in the
	 * millisecond in which the poll started. */
	const bool has_changed = session.status != job->session.status ||
				 session.last_update_at.ms != job->session.last_update_at.ms;
	job->is_overtaken = session.status != update.status && has_changed;
	job->current = session;
	if (job->is_overtaken)
		return OK;
	const enum transition_verdict transition = decision_evaluate(&session, &update);
	job->is_decided = transition == TRANSITION_APPLIED;
	return decision_apply(job->world, tx, job->actor, &session, &update, transition);
}

enum err app_poll_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct poll_params *params, enum provider_cause *cause)
{
	struct session_snapshot *const snapshot = arena_new(a, struct session_snapshot);
	struct poll_job job = { .world = world, .actor = actor, .params = params, .snapshot = snapshot };

	if (!snapshot)
		return ERR_INPUT;
	TRY(store_transact(world->store, TX_READ, a, find_session, &job));
	const int64_t deadline = world_ticks(world) + params->limit.ms;
	for (int i = 0; i < POLLS_MAX; i++) {
		const duration left = milliseconds(deadline - world_ticks(world));

		if (left.ms <= 0)
			break;
		TRY(poll_provider(&job, a, left, snapshot, cause));
		TRY(store_transact(world->store, TX_WRITE, a, record_poll, &job));
		if (job.is_decided)
			decision_count(&job.session.tenant_id, snapshot->status);
		if (!job.is_overtaken)
			return OK;
		job.session = job.current;
	}
	return ERR_BUSY;
}
