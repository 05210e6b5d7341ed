#include "sandbox/progress.h"

#include "base/log.h"
#include "crypto/digest.h"
#include "sandbox/corrections.h"
#include "sandbox/ids.h"
#include "sandbox/sorted.h"
#include "sandbox/version.h"
#include "text/encode.h"

bool event_has_decision(enum didit_status status)
{
	return status == DIDIT_APPROVED || status == DIDIT_DECLINED || status == DIDIT_IN_REVIEW ||
	       status == DIDIT_ABANDONED;
}

enum err event_sign(
	struct arena *a, struct event *event, const char *header, struct str secret, struct str message)
{
	unsigned char mac[DIGEST_BYTES];
	char *const hex = arena_bytes(a, 2 * sizeof(mac) + 1, 1);

	if (!hex)
		return ERR_INTERNAL;
	hmac_sha256(secret, message, mac);
	hex_write(mac, sizeof(mac), hex);
	event->signatures[event->n_signatures++] = (struct event_signature){ header,
		{ hex, 2 * sizeof(mac) } };
	return OK;
}

static enum err must_use build(struct site *site, struct arena *a, const struct telling *telling,
	const struct destination *destination, struct event *event)
{
	const struct didit_version *const version = site->versions[destination->version];
	struct json_writer w;
	struct buf json;
	struct str text;

	buf_init(&json, a);
	json_writer_init(&w, &json);
	version->write_event(&w, site, telling);
	TRY(buf_done(&json, &text));
	event->session = str_of(telling->session->id);
	event->destination = str_of(destination->id);
	event->url = destination->url;
	TRY(json_sorted(a, text, &event->body));
	return version->sign(a, destination->secret, event);
}

/* For FAULT_REFUSE: well-formed, and not the signature. */
static void spoil(struct arena *a, struct event *event)
{
	for (size_t i = 0; i < event->n_signatures; i++) {
		const struct str right = event->signatures[i].value;

		event->signatures[i].value = arena_printf(
			a, "%c%.*s", right.p[0] == '0' ? '1' : '0', STR_ARG(str_from(right, 1)));
	}
}

static enum err must_use tell(
	struct site *site, const struct telling *telling, const struct destination *destination, bool held)
{
	struct event event = { 0 };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);

	const enum err e = build(site, &a, telling, destination, &event);

	if (e == OK) {
		const enum fault fault = faults_for_event(&site->faults);

		if (fault == FAULT_REFUSE)
			spoil(&a, &event);
		events_add(site->events, &event, fault, held);
	}
	arena_finish(&a);
	return e;
}

static bool wants(const struct destination *destination, enum event_kind kind)
{
	return destination->enabled && (destination->events & (1U << kind)) &&
	       (kind == EVENT_STATUS || destination->version != SANDBOX_V1);
}

static void tell_all(
	struct site *site, const struct sandbox_session *session, enum event_kind kind, moment now, bool held)
{
	const struct destinations *const all = state_destinations(site->state);
	char id[UUID_SIZE] = "";
	const struct telling telling = { kind, session, id, now };
	enum err e = uuid_make(site->random, id);

	for (size_t i = 0; i < all->n; i++) {
		if (!wants(&all->all[i], kind))
			continue;
		if (e == OK)
			e = tell(site, &telling, &all->all[i], held);
		if (e != OK)
			log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("why", err_name(e)));
	}
}

void progress_tell(struct site *site, const struct sandbox_session *session, moment now, bool held)
{
	tell_all(site, session, EVENT_STATUS, now, held);
}

void progress_tell_correction(struct site *site, const struct sandbox_session *session, moment now)
{
	tell_all(site, session, EVENT_DATA, now, true);
}

void progress_tell_again(struct site *site, const struct sandbox_session *session,
	const struct destination *destination, moment now)
{
	char id[UUID_SIZE] = "";
	const struct telling telling = { EVENT_STATUS, session, id, now };
	enum err e = uuid_make(site->random, id);

	if (e == OK)
		e = tell(site, &telling, destination, false);
	if (e != OK)
		log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("why", err_name(e)));
}

void progress_to(struct visit *visit, struct sandbox_session *session, enum didit_status status)
{
	const moment end = corrected_document_end(session);

	session->status = status;
	session->runs_out = (moment){ 0 };
	if (status == DIDIT_APPROVED && moment_is_before(visit->now, end))
		session->runs_out = end;
	progress_tell(visit->site, session, visit->now, true);
}

/* The link's life is over, or the document that the approval rests on ran out. */
static bool has_lapsed(const struct sandbox_session *session, moment now)
{
	if (session->status == DIDIT_APPROVED)
		return !moment_is_unset(session->runs_out) && !moment_is_before(now, session->runs_out);
	return sandbox_session_is_open(session) &&
	       !moment_is_before(now, moment_add(session->link_from, SESSION_LIFE));
}

void progress_lapse(struct site *site, struct sandbox_session *session, moment now, bool held)
{
	if (!has_lapsed(session, now))
		return;
	state_touch(site->state, session);
	session->status = session->status == DIDIT_APPROVED	 ? DIDIT_KYC_EXPIRED
			  : session->status == DIDIT_NOT_STARTED ? DIDIT_EXPIRED
								 : DIDIT_ABANDONED;
	progress_tell(site, session, now, held);
}

static struct sandbox_session *lapsed(struct visit *visit, struct sandbox_session *session)
{
	if (session)
		progress_lapse(visit->site, session, visit->now, true);
	return session;
}

struct sandbox_session *progress_find(struct visit *visit)
{
	return lapsed(visit, state_by_id(visit->site->state, visit->params[0]));
}

struct sandbox_session *progress_find_by_token(struct visit *visit)
{
	return lapsed(visit, state_by_token(visit->site->state, visit->params[0]));
}
