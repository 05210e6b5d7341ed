#include "app/decision.h"

#include "app/person.h"
#include "app/standing.h"
#include "app/trail.h"
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
	struct user user = { .id = session->user };
	struct str plain;
	const struct sealed_place place = { "sessions", "decision", session->id.text };

	TRY(store_load_user(tx, &user));
	TRY(decision_write(decision, tx->arena, &plain));
	TRY(person_seal(world, tx->arena, &user, &place, plain, &session->decision));
	session->blocklisted = decision->blocklisted;
	keep_checks(session, str_of(decision->features));
	return OK;
}

enum step_verdict decision_judge(const struct session *session, const struct heard *heard)
{
	if (heard->source == SOURCE_READ)
		return status_step(session->status, (moment){ 0 }, heard->status, heard->at, SOURCE_READ);
	if (heard->status != session->status && !moment_is_unset(session->read) &&
		moment_is_before(heard->at, moment_add(session->read, CLOCKS_APART)) &&
		!moment_is_before(heard->at, session->changed))
		return STEP_DOUBTFUL;
	return status_step(session->status, session->changed, heard->status, heard->at, SOURCE_EVENT);
}

enum err decision_is_void(struct tx *tx, const struct session *session, bool *out)
{
	struct user user = { .id = session->user };

	TRY(store_load_user(tx, &user));
	*out = user_is_erased(&user);
	return OK;
}

enum err decision_take(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct heard *heard, enum step_verdict step)
{
	if (step != STEP_TAKEN && step != STEP_SAME)
		return OK;
	session->heard = world_now(world);
	if (heard->source == SOURCE_READ)
		session->read = session->heard;
	else if (moment_is_before(session->changed, heard->at))
		session->changed = heard->at;
	session->status = heard->status;
	session->due = session_due(session, world->rules->reconcile_after);
	if (heard->decision)
		TRY(keep_decision(world, tx, session, heard->decision));
	TRY(store_save_session(tx, session));
	if (step != STEP_TAKEN)
		return OK;
	const struct deed deed = { ACT_DECISION, session->user.text, session->tenant.text,
		status_text(session->status) };
	return trail_note(world, tx, actor, &deed);
}

/* A reading that an event overtook is done again: neither of the two can be told to be the newer. */
#define READINGS_MAX 3

struct reading_job {
	const struct world *world;
	const struct actor *actor;
	const struct read_order *order;
	const struct reading *reading;
	struct session session; /* as it stood before the reading */
	moment started;
	bool overtaken;
	struct session stands; /* when it was overtaken: as it stands now */
};

/* An open session that the provider does not know any more can never be finished; one that was decided keeps
 * its decision, for the provider may have been told to forget it. */
static bool is_gone(const struct reading_job *job, enum provider_cause cause)
{
	const bool young = moment_is_before(job->started, moment_add(job->session.created, SESSION_YOUNG));

	return cause == PROVIDER_UNKNOWN_SESSION && status_is_open(job->session.status) && !young;
}

static enum err ask(struct reading_job *job, struct arena *a, duration limit, struct reading *reading,
	enum provider_cause *cause)
{
	struct provider *const provider = job->world->provider;
	const struct read_order order = { job->order->ref, limit, job->order->whom };

	job->started = world_now(job->world);
	const enum err e = provider->ops->read(provider, &order, a, reading, cause);
	if (e == OK || !is_gone(job, *cause))
		return e;
	*reading = (struct reading){ .ref = job->session.provider, .status = STATUS_EXPIRED };
	return OK;
}

static enum err find_session(struct tx *tx, void *arg)
{
	struct reading_job *const job = arg;

	return standing_session_of(tx, job->order->ref, &job->session);
}

static enum err record_reading(struct tx *tx, void *arg)
{
	struct reading_job *const job = arg;
	struct session session;
	bool erased;

	TRY(standing_session_of(tx, job->order->ref, &session));
	TRY(decision_is_void(tx, &session, &erased));
	if (erased) {
		job->overtaken = false;
		return OK;
	}
	const struct heard heard = { job->reading->status, SOURCE_READ, job->started,
		job->reading->has_decision ? &job->reading->decision : NULL };
	/* Told by the row, not by the clock: an event may have been taken in the very millisecond the
	 * question left. */
	const bool moved = session.status != job->session.status || session.heard.ms != job->session.heard.ms;
	job->overtaken = session.status != heard.status && moved;
	job->stands = session;
	if (job->overtaken)
		return OK;
	return decision_take(job->world, tx, job->actor, &session, &heard, decision_judge(&session, &heard));
}

enum err app_read_session(const struct world *world, struct arena *a, const struct actor *actor,
	const struct read_order *order, enum provider_cause *cause)
{
	struct reading *const reading = arena_new(a, struct reading);
	struct reading_job job = { .world = world, .actor = actor, .order = order, .reading = reading };

	if (!reading)
		return ERR_INPUT;
	TRY(store_transact(world->store, TX_READ, a, find_session, &job));
	const int64_t deadline = world_ticks(world) + order->limit.ms;
	for (int i = 0; i < READINGS_MAX; i++) {
		const duration left = milliseconds(deadline - world_ticks(world));

		if (left.ms <= 0)
			break;
		TRY(ask(&job, a, left, reading, cause));
		TRY(store_transact(world->store, TX_WRITE, a, record_reading, &job));
		if (!job.overtaken)
			return OK;
		job.session = job.stands;
	}
	return ERR_BUSY;
}
