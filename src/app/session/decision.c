#include "app/session/decision.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/person.h"
#include "base/buf.h"
#include "text/json.h"

enum err decision_write(const struct decision *decision, struct arena *a, struct str *out)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, a);
	json_writer_init(&w, &text);
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
	buf_char(&text, '\n');
	json_writer_init(&w, &text);
	json_begin_array(&w);
	for (size_t i = 0; i < decision->n_warnings; i++) {
		json_begin_object(&w);
		json_field_text(&w, "feature", decision->warnings[i].feature);
		json_field_text(&w, "risk", decision->warnings[i].risk);
		json_end_object(&w);
	}
	json_end_array(&w);
	return buf_done(&text, out);
}

struct str decision_ip_info(struct str kept)
{
	struct str head;

	return str_cut(&kept, '\n', &head) ? head : STR("[]");
}

/* Not where less is told than we know: the workflow's id without its version. */
static void keep_checks(struct session *session, struct str told)
{
	const struct str known = str_of(session->features);
	const bool is_less = str_starts(known, told) && (known.n == told.n || known.p[told.n] == '@');

	if (told.n > 0 && !is_less)
		(void)!str_copy_to(told, session->features, sizeof(session->features));
}

static enum err keep_decision(
	const struct world *world, struct tx *tx, struct session *session, const struct decision *decision)
{
	struct user user = { .id = session->user_id };
	struct str plain;
	const struct sealed_field place = { SEALED_SESSION_DECISION, session->id.text };

	TRY(store_load_user(tx, &user));
	TRY(decision_write(decision, tx->arena, &plain));
	TRY(user_seal(world, tx->arena, &user, &place, plain, &session->sealed_decision));
	session->blocklisted = decision->blocklisted;
	keep_checks(session, str_of(decision->features));
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

enum err decision_is_void(struct tx *tx, const struct session *session, bool *out)
{
	struct user user = { .id = session->user_id };

	TRY(store_load_user(tx, &user));
	*out = user_is_erased(&user);
	return OK;
}

enum err decision_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct status_update *update, enum transition_verdict step)
{
	if (step != TRANSITION_APPLIED && step != TRANSITION_UNCHANGED)
		return OK;
	session->last_update_at = world_now(world);
	if (update->source == STATUS_FROM_POLL)
		session->last_poll_at = session->last_update_at;
	else if (moment_is_before(session->provider_event_at, update->at))
		session->provider_event_at = update->at;
	session->status = update->status;
	session->next_poll_at = session_next_poll_at(session, world->rules->reconcile_after);
	if (update->decision)
		TRY(keep_decision(world, tx, session, update->decision));
	TRY(store_save_session(tx, session));
	if (step != TRANSITION_APPLIED)
		return OK;
	const struct audit_params params = { AUDIT_DECISION, session->user_id.text, session->tenant_id.text,
		session_status_provider_name(session->status) };
	return audit_append(world, tx, actor, &params);
}

/* A reading that an event overtook is done again: neither of the two can be told to be the newer. */
#define READINGS_MAX 3

struct reading_job {
	const struct world *world;
	const struct actor *actor;
	const struct poll_params *params;
	const struct session_snapshot *snapshot;
	struct session session; /* as it stood before the reading */
	moment started;
	bool overtaken;
	struct session stands; /* when it was overtaken: as it stands now */
};

/* An open session that the provider does not know any more can never be finished; one that was decided keeps
 * its decision, for the provider may have been told to forget it. */
static bool is_gone(const struct reading_job *job, enum provider_cause cause)
{
	const bool young = moment_is_before(
		job->started, moment_add(job->session.created_at, SESSION_CREATE_GRACE));

	return cause == PROVIDER_UNKNOWN_SESSION && session_status_is_open(job->session.status) && !young;
}

static enum err ask(struct reading_job *job, struct arena *a, duration limit,
	struct session_snapshot *snapshot, enum provider_cause *cause)
{
	struct provider *const provider = job->world->provider;
	const struct poll_params params = { job->params->ref, limit, job->params->priority };

	job->started = world_now(job->world);
	const enum err e = provider->ops->read(provider, &params, a, snapshot, cause);
	if (e == OK || !is_gone(job, *cause))
		return e;
	*snapshot = (struct session_snapshot){ .ref = job->session.provider_ref, .status = STATUS_EXPIRED };
	return OK;
}

static enum err find_session(struct tx *tx, void *arg)
{
	struct reading_job *const job = arg;

	return session_by_provider_ref(tx, job->params->ref, &job->session);
}

static enum err record_reading(struct tx *tx, void *arg)
{
	struct reading_job *const job = arg;
	struct session session;
	bool erased;

	TRY(session_by_provider_ref(tx, job->params->ref, &session));
	TRY(decision_is_void(tx, &session, &erased));
	if (erased) {
		job->overtaken = false;
		return OK;
	}
	const struct status_update update = { job->snapshot->status, STATUS_FROM_POLL, job->started,
		job->snapshot->has_decision ? &job->snapshot->decision : NULL };
	/* Told by the row, not by the clock: an event may have been taken in the very millisecond the
	 * question left. */
	const bool moved = session.status != job->session.status ||
			   session.last_update_at.ms != job->session.last_update_at.ms;
	job->overtaken = session.status != update.status && moved;
	job->stands = session;
	if (job->overtaken)
		return OK;
	return decision_apply(
		job->world, tx, job->actor, &session, &update, decision_evaluate(&session, &update));
}

enum err app_poll_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct poll_params *params, enum provider_cause *cause)
{
	struct session_snapshot *const snapshot = arena_new(a, struct session_snapshot);
	struct reading_job job = { .world = world, .actor = actor, .params = params, .snapshot = snapshot };

	if (!snapshot)
		return ERR_INPUT;
	TRY(store_transact(world->store, TX_READ, a, find_session, &job));
	const int64_t deadline = world_ticks(world) + params->limit.ms;
	for (int i = 0; i < READINGS_MAX; i++) {
		const duration left = milliseconds(deadline - world_ticks(world));

		if (left.ms <= 0)
			break;
		TRY(ask(&job, a, left, snapshot, cause));
		TRY(store_transact(world->store, TX_WRITE, a, record_reading, &job));
		if (!job.overtaken)
			return OK;
		job.session = job.stands;
	}
	return ERR_BUSY;
}
