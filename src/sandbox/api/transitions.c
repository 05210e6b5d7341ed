#include "sandbox/api/transitions.h"

#include <string.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/json_sorted.h"
#include "sandbox/request/api_version.h"
#include "sandbox/state/ids.h"
#include "text/encode.h"

bool event_has_decision(enum didit_status status)
{
	return status == DIDIT_APPROVED || status == DIDIT_DECLINED || status == DIDIT_IN_REVIEW ||
	       status == DIDIT_ABANDONED;
}

static enum err must_use build_event(struct sandbox_ctx *sandbox, struct arena *a,
	const struct event_payload *payload, const struct destination *destination,
	struct webhook_event *event)
{
	const struct sandbox_api_version *const version = sandbox->versions[destination->version];
	struct json_writer w;
	struct buf json;
	struct str text;

	buf_init(&json, a);
	json_writer_init(&w, &json);
	version->write_event(&w, sandbox, payload);
	TRY(buf_done(&json, &text));
	event->session = str_of(payload->session->id);
	event->destination = str_of(destination->id);
	event->url = destination->url;
	TRY(json_sorted(a, text, &event->body));
	return version->sign(a, destination->secret, event);
}

/* Applies FAULT_BAD_SIGNATURE: changes the first hex digit of each signature, so that it is well-formed but
 * wrong. */
static void corrupt_signatures(struct arena *a, struct webhook_event *event)
{
	for (size_t i = 0; i < event->n_signatures; i++) {
		const struct str signature = event->signatures[i].value;

		event->signatures[i].value = arena_printf(
			a, "%c%.*s", signature.p[0] == '0' ? '1' : '0', STR_ARG(str_from(signature, 1)));
	}
}

static enum err must_use queue_event(struct sandbox_ctx *sandbox, const struct event_payload *payload,
	const struct destination *destination, bool held)
{
	struct webhook_event event = { 0 };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);

	const enum err e = build_event(sandbox, &a, payload, destination, &event);

	if (e == OK) {
		const enum fault fault = faults_for_event(&sandbox->faults);

		if (fault == FAULT_BAD_SIGNATURE)
			corrupt_signatures(&a, &event);
		event_queue_add(sandbox->event_queue, &event, fault, held);
	}
	arena_finish(&a);
	return e;
}

/* Returns true if the destination is enabled and has subscribed to this kind of event. v1 has only status
 * events. */
static bool destination_wants(const struct destination *destination, enum event_kind kind)
{
	return destination->enabled && (destination->events & (1U << kind)) &&
	       (kind == EVENT_STATUS || destination->version != SANDBOX_V1);
}

static void queue_event_for_all(struct sandbox_ctx *sandbox, const struct sandbox_session *session,
	enum event_kind kind, moment now, bool held)
{
	const struct destinations *const all = state_destinations(sandbox->state);
	char id[UUID_SIZE] = "";
	const struct event_payload payload = { kind, session, id, now };
	enum err e = uuid_make(sandbox->random, id);

	for (size_t i = 0; i < all->n; i++) {
		if (!destination_wants(&all->all[i], kind))
			continue;
		if (e == OK)
			e = queue_event(sandbox, &payload, &all->all[i], held);
		if (e != OK)
			log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("reason", err_name(e)));
	}
}

void session_notify(struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now, bool held)
{
	queue_event_for_all(sandbox, session, EVENT_STATUS, now, held);
}

void session_notify_correction(struct sandbox_ctx *sandbox, const struct sandbox_session *session, moment now)
{
	queue_event_for_all(sandbox, session, EVENT_DATA, now, true);
}

void session_notify_destination(struct sandbox_ctx *sandbox, const struct sandbox_session *session,
	const struct destination *destination, moment now)
{
	char id[UUID_SIZE] = "";
	const struct event_payload payload = { EVENT_STATUS, session, id, now };
	enum err e = uuid_make(sandbox->random, id);

	if (e == OK)
		e = queue_event(sandbox, &payload, destination, false);
	if (e != OK)
		log_event(LOG_ERROR, "sandbox_event_dropped", LOG_WORD("reason", err_name(e)));
}

/* Sets the status and appends it to the session's changes. If the list is full, the oldest change is removed.
 */
static void change_status(struct sandbox_session *session, enum didit_status status, moment now)
{
	session->status = status;
	if (session->n_changes == STATUS_CHANGES_MAX)
		memmove(session->changes, session->changes + 1,
			--session->n_changes * sizeof(session->changes[0]));
	session->changes[session->n_changes++] = (struct status_change){ status, now };
}

void session_set_status(struct request_ctx *ctx, struct sandbox_session *session, enum didit_status status)
{
	const moment end = corrected_document_expiry(session);

	change_status(session, status, ctx->now);
	session->expires_at = (moment){ 0 };
	if (status == DIDIT_APPROVED && moment_is_before(ctx->now, end))
		session->expires_at = end;
	session_notify(ctx->sandbox, session, ctx->now, true);
}

/* Returns true if the link of an open session or the document of an approved session has expired. */
static bool session_has_expired(const struct sandbox_session *session, moment now)
{
	if (session->status == DIDIT_APPROVED)
		return !moment_is_unset(session->expires_at) && !moment_is_before(now, session->expires_at);
	return sandbox_session_is_open(session) &&
	       !moment_is_before(now, moment_add(session->link_since, SESSION_LINK_LIFETIME));
}

void session_expire(struct sandbox_ctx *sandbox, struct sandbox_session *session, moment now, bool held)
{
	if (!session_has_expired(session, now))
		return;
	state_mark_changed(sandbox->state, session);
	change_status(session,
		session->status == DIDIT_APPROVED      ? DIDIT_KYC_EXPIRED
		: session->status == DIDIT_NOT_STARTED ? DIDIT_EXPIRED
						       : DIDIT_ABANDONED,
		now);
	session_notify(sandbox, session, now, held);
}

static struct sandbox_session *expire_if_due(struct request_ctx *ctx, struct sandbox_session *session)
{
	if (session)
		session_expire(ctx->sandbox, session, ctx->now, true);
	return session;
}

struct sandbox_session *session_find(struct request_ctx *ctx)
{
	return expire_if_due(ctx, state_by_id(ctx->sandbox->state, ctx->params[0]));
}

struct sandbox_session *session_find_by_token(struct request_ctx *ctx)
{
	return expire_if_due(ctx, state_by_token(ctx->sandbox->state, ctx->params[0]));
}
