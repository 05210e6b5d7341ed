#include "sandbox/progress.h"

#include "base/log.h"
#include "sandbox/sorted.h"
#include "sandbox/version.h"

static enum err must_use build(struct site *site, struct arena *a, const struct sandbox_session *session,
	const struct destination *destination, moment now, struct event *event)
{
	const struct didit_version *const version = site->versions[destination->version];
	struct js_writer w;
	struct buf json;
	struct str text;

	buf_init(&json, a);
	js_begin(&w, &json);
	version->write_event(&w, site, session, now);
	TRY(buf_done(&json, &text));
	event->session = str_of(session->id);
	event->url = destination->url;
	TRY(json_sorted(a, text, &event->body));
	return version->sign(a, destination->secret, event->body, event);
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

void progress_tell(
	struct site *site, struct arena *a, const struct sandbox_session *session, moment now, bool held)
{
	size_t n;
	const struct destination *const destinations = state_destinations(site->state, &n);

	for (size_t i = 0; i < n; i++) {
		struct event event = { 0 };
		const enum err e = build(site, a, session, &destinations[i], now, &event);

		if (e != OK) {
			log_fact(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("why", err_name(e)));
			continue;
		}

		const enum fault fault = faults_for_event(&site->faults);

		if (fault == FAULT_REFUSE)
			spoil(a, &event);
		events_add(site->events, &event, fault, held);
	}
}

void progress_to(struct visit *visit, struct sandbox_session *session, enum didit_status status)
{
	session->status = status;
	progress_tell(visit->site, visit->arena, session, visit->now, true);
}

void progress_lapse(
	struct site *site, struct arena *a, struct sandbox_session *session, moment now, bool held)
{
	if (!sandbox_session_is_open(session) || earlier(now, after(session->created, SESSION_LIFE)))
		return;
	session->status = session->status == DIDIT_NOT_STARTED ? DIDIT_EXPIRED : DIDIT_ABANDONED;
	progress_tell(site, a, session, now, held);
}

static struct sandbox_session *lapsed(struct visit *visit, struct sandbox_session *session)
{
	if (session)
		progress_lapse(visit->site, visit->arena, session, visit->now, true);
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
