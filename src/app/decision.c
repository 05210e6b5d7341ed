#include "app/decision.h"

#include "app/person.h"
#include "app/standing.h"
#include "app/trail.h"
#include "base/buf.h"
#include "base/meter.h"
#include "text/json.h"

/* Events and readings bear two clocks; one that may lag the other by as much as an event may be late decides
 * nothing against a reading. (didit-api.md 2.5: 300 s) */
#define CLOCKS_APART seconds(300)
/* interface.md 3: for this long our own create may still be on its way. */
#define SESSION_YOUNG minutes(10)

enum err decision_write(const struct decision *decision, struct arena *a, struct str *out)
{
	struct buf text;
	struct js_writer w;

	buf_init(&text, a);
	js_begin(&w, &text);
	js_array(&w);
	for (size_t i = 0; i < decision->n_ips; i++) {
		js_object(&w);
		for (enum ip_field f = 0; f < IP_FIELDS; f++) {
			js_key(&w, ip_field_name(f));
			js_put_raw(&w, decision->ips[i].fields[f]);
		}
		js_object_end(&w);
	}
	js_array_end(&w);
	buf_char(&text, '\n');
	js_begin(&w, &text);
	js_array(&w);
	for (size_t i = 0; i < decision->n_warnings; i++) {
		js_object(&w);
		js_field_text(&w, "feature", decision->warnings[i].feature);
		js_field_text(&w, "risk", decision->warnings[i].risk);
		js_object_end(&w);
	}
	js_array_end(&w);
	return buf_done(&text, out);
}

struct str decision_ip_info(struct str kept)
{
	struct str head;

	return str_cut(&kept, '\n', &head) ? head : STR("[]");
}

/* What came, from whichever side. */
struct heard {
	enum status status;
	enum source source;
	moment at;			 /* events: the provider's time; readings: ours */
	const struct decision *decision; /* NULL: none came with it */
};

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
	return OK;
}

static enum step_verdict judge(const struct session *session, const struct heard *heard)
{
	if (heard->source == SOURCE_READ)
		return status_step(session->status, (moment){ 0 }, heard->status, heard->at, SOURCE_READ);
	if (heard->status != session->status && !never(session->read) &&
		earlier(heard->at, after(session->read, CLOCKS_APART)) &&
		!earlier(heard->at, session->changed))
		return STEP_DOUBTFUL;
	return status_step(session->status, session->changed, heard->status, heard->at, SOURCE_EVENT);
}

/* Nothing that comes for somebody who is erased brings anything of them back. */
static enum err is_erased(struct tx *tx, const struct session *session, bool *out)
{
	struct user user = { .id = session->user };

	TRY(store_load_user(tx, &user));
	*out = user_is_erased(&user);
	return OK;
}

static enum err take(const struct world *world, struct tx *tx, const struct actor *actor,
	struct session *session, const struct heard *heard, enum step_verdict step)
{
	if (step != STEP_TAKEN && step != STEP_SAME)
		return OK;
	session->heard = world_now(world);
	if (heard->source == SOURCE_READ)
		session->read = session->heard;
	else if (earlier(session->changed, heard->at))
		session->changed = heard->at;
	session->status = heard->status;
	if (heard->decision)
		TRY(keep_decision(world, tx, session, heard->decision));
	TRY(store_save_session(tx, session));
	if (step != STEP_TAKEN)
		return OK;
	const struct deed deed = { ACT_DECISION, session->user.text, session->tenant.text,
		status_text(session->status) };
	return trail_note(world, tx, actor, &deed);
}

static const enum event_outcome outcome_of[] = {
	[STEP_TAKEN] = EVENT_APPLIED,
	[STEP_SAME] = EVENT_SAME,
	[STEP_STALE] = EVENT_STALE,
	[STEP_DOUBTFUL] = EVENT_DOUBTFUL,
};

/* Rows of the events' metric beside the outcomes that are journaled. */
#define COUNT_UNKNOWN_SESSION 0
#define COUNT_REPEATED (EVENT_ERASED + 1)

void decision_label(void)
{
	meter_label(METER_EVENTS, 0, COUNT_UNKNOWN_SESSION, "unknown_session");
	for (enum event_outcome o = EVENT_APPLIED; o <= EVENT_ERASED; o++)
		meter_label(METER_EVENTS, 0, (size_t)o, event_outcome_word(o));
	meter_label(METER_EVENTS, 0, COUNT_REPEATED, "repeated");
}

static enum err journal(const struct world *world, struct tx *tx, const struct notice *notice,
	const struct session *session, enum event_outcome outcome)
{
	struct event event = { .key = notice->key,
		.body = notice->body,
		.session = session->id,
		.sent = notice->sent,
		.received = world_now(world),
		.outcome = outcome };

	/* What does not fit is left out: the journal says what came as far as it is of use, the hash proves
	 * the rest. */
	(void)!str_copy_to(notice->kind, event.kind, sizeof(event.kind));
	(void)!str_copy_to(notice->status_text, event.status, sizeof(event.status));
	TRY(store_add_event(tx, &event));
	meter_add(METER_EVENTS, (size_t)outcome, 0, 1);
	return OK;
}

/* A time far ahead of ours would make everything that happens until then too old to count. */
static moment believable(const struct world *world, moment sent)
{
	const moment latest = after(world_now(world), CLOCKS_APART);

	return earlier(latest, sent) ? latest : sent;
}

static enum err take_known(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct notice *notice, bool asked, enum notice_verdict *out)
{
	struct session session;
	enum event_outcome outcome = EVENT_UNKNOWN_STATUS;
	bool erased;

	TRY(standing_session_of(tx, str_of(notice->ref.text), &session));
	TRY(is_erased(tx, &session, &erased));
	if (erased) {
		outcome = EVENT_ERASED;
	} else if (notice->status_known) {
		const struct heard heard = { notice->status, SOURCE_EVENT, believable(world, notice->sent),
			notice->has_decision ? &notice->decision : NULL };
		const enum step_verdict step = judge(&session, &heard);

		if (step == STEP_DOUBTFUL && !asked) {
			*out = NOTICE_DOUBTFUL;
			return OK;
		}
		outcome = outcome_of[step];
		TRY(take(world, tx, actor, &session, &heard, step));
	}
	TRY(journal(world, tx, notice, &session, outcome));
	const struct deed deed = { ACT_EVENT_TAKEN, session.user.text, session.tenant.text,
		event_outcome_word(outcome) };
	TRY(trail_note(world, tx, actor, &deed));
	*out = NOTICE_TAKEN;
	return OK;
}

enum err app_take_notice(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct notice *notice, bool asked, enum notice_verdict *out)
{
	struct event seen = { .key = notice->key };

	enum err e = store_load_event(tx, &seen);
	if (e == OK) {
		meter_add(METER_EVENTS, COUNT_REPEATED, 0, 1);
		*out = NOTICE_REPEATED;
		return OK;
	}
	if (e != ERR_MISSING)
		return e;
	e = take_known(world, tx, actor, notice, asked, out);
	if (e != ERR_MISSING)
		return e;
	meter_add(METER_EVENTS, COUNT_UNKNOWN_SESSION, 0, 1);
	const bool young = !never(notice->session_created) &&
			   earlier(world_now(world), after(notice->session_created, SESSION_YOUNG));
	*out = young ? NOTICE_UNKNOWN_YOUNG : NOTICE_UNKNOWN_OLD;
	return OK;
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
	const bool young = earlier(job->started, after(job->session.created, SESSION_YOUNG));

	/* The built-in sandbox knows at once what it made, and forgets all of it with the process. */
	return cause == PROVIDER_UNKNOWN_SESSION && status_is_open(job->session.status) &&
	       (!young || job->world->rules->sandbox);
}

static enum err ask(struct reading_job *job, struct arena *a, span limit, struct reading *reading,
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
	TRY(is_erased(tx, &session, &erased));
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
	return take(job->world, tx, job->actor, &session, &heard, judge(&session, &heard));
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
		const span left = milliseconds(deadline - world_ticks(world));

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
