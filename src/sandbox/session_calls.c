#include "sandbox/session_calls.h"

#include <string.h>

#include "sandbox/ids.h"
#include "sandbox/pdf.h"
#include "sandbox/progress.h"
#include "sandbox/version.h"
#include "sandbox/wishes.h"
#include "text/json.h"

static void say_unknown(struct visit *visit)
{
	visit_say_detail(visit, 404, "Not found.");
}

static void say_session(struct visit *visit, int status, const struct sandbox_session *session,
	void (*write)(struct js_writer *w, const struct site *site, const struct sandbox_session *session))
{
	struct buf body;
	struct js_writer w;

	buf_init(&body, visit->arena);
	js_begin(&w, &body);
	write(&w, visit->site, session);
	visit_say_json(visit, status, &body);
}

static enum err must_use keep_session(
	struct visit *visit, struct sandbox_session *draft, struct sandbox_session **session)
{
	TRY(uuid_make(visit->site->random, draft->id));
	TRY(session_token_make(visit->site->random, draft->token));
	return state_add(visit->site->state, draft, session);
}

/* An unfinished session of the same vendor_data on the same workflow (didit-api.md 4.2); the newest. */
static struct sandbox_session *find_unfinished(struct visit *visit, const struct sandbox_session *draft)
{
	struct sandbox_session *found = NULL, *session = NULL;

	if (!visit->version->reuses || !draft->vendor_data.n)
		return NULL;
	while ((session = state_next(visit->site->state, session))) {
		progress_lapse(visit->site, session, visit->now, true);
		if (sandbox_session_is_open(session) && str_eq(session->vendor_data, draft->vendor_data) &&
			strcmp(session->workflow_id, draft->workflow_id) == 0)
			found = session;
	}
	return found;
}

/* What the new request carries takes the place of what was there. */
static enum err must_use refresh(struct sandbox_session *session, const struct sandbox_session *draft)
{
	struct sandbox_session wanted = *session;

	if (draft->callback.p)
		wanted.callback = draft->callback;
	if (draft->metadata.p)
		wanted.metadata = draft->metadata;
	TRY(state_reword(session, &wanted));
	if (draft->asked)
		session->asked = draft->asked;
	return OK;
}

void serve_create(struct visit *visit)
{
	struct sandbox_session draft = {
		.version = visit->version->id, .created = visit->now, .link_from = visit->now
	};
	const struct js *body cleanup(js_cleanup) = wish_body(visit);
	struct sandbox_session *session;

	if (!body || !visit->version->read_create(visit, body, &draft))
		return;
	session = find_unfinished(visit, &draft);

	const bool reused = session;

	if ((reused ? refresh(session, &draft) : keep_session(visit, &draft, &session)) != OK) {
		visit_say_detail(visit, 500, "The session could not be kept.");
		return;
	}
	say_session(visit, 201, session, visit->version->write_created);
	if (!reused)
		progress_tell(visit->site, session, visit->now, true);
}

void serve_decision(struct visit *visit)
{
	const struct sandbox_session *const session = progress_find(visit);

	if (session)
		say_session(visit, 200, session, visit->version->write_decision);
	else
		say_unknown(visit);
}

/* From where a decision by hand may start (didit-api.md 4.4). */
static bool may_be_decided(enum didit_status status)
{
	return status != DIDIT_NOT_STARTED && status != DIDIT_IN_PROGRESS && status != DIDIT_EXPIRED;
}

/* OK, or the refusal was answered. */
static enum err must_use read_new_status(
	struct visit *visit, const struct js *body, enum didit_status *status)
{
	const struct js *const value = js_get(body, "new_status");

	if (js_kind(value) == JS_ABSENT || js_kind(value) == JS_NULL) {
		visit_say_field(visit, "new_status", "This field is required.");
		return ERR_INPUT;
	}
	for (enum didit_status known = DIDIT_APPROVED; known <= DIDIT_DECLINED; known++) {
		if (str_eq(js_text(value), didit_status_text(known))) {
			*status = known;
			return OK;
		}
	}
	visit_say_field(visit, "new_status", "Not a valid choice.");
	return ERR_INPUT;
}

static void say_session_id(struct visit *visit, const struct sandbox_session *session)
{
	struct buf body;
	struct js_writer w;

	buf_init(&body, visit->arena);
	js_begin(&w, &body);
	js_object(&w);
	js_field_text(&w, "session_id", str_of(session->id));
	js_object_end(&w);
	visit_say_json(visit, 200, &body);
}

void serve_update(struct visit *visit)
{
	struct sandbox_session *const session = progress_find(visit);
	const struct js *body cleanup(js_cleanup) = NULL;
	struct str comment = { NULL, 0 };
	enum didit_status status;

	if (!session) {
		say_unknown(visit);
		return;
	}
	body = wish_body(visit);
	if (!body || read_new_status(visit, body, &status) != OK ||
		!wish_text(visit, body, "comment", SANDBOX_COMMENT_MAX, &comment))
		return;
	if (!may_be_decided(session->status)) {
		visit_say_detail(visit, 400, "The session has no status that can be changed.");
		return;
	}
	say_session_id(visit, session);
	if (session->status == status) /* no effect, no event (didit-api.md 13, newest) */
		return;
	if (state_review(session, status, comment, visit->now) != OK) {
		visit_say_detail(visit, 500, "The decision could not be kept.");
		return;
	}
	progress_to(visit, session, status);
}

void serve_report(struct visit *visit)
{
	const struct sandbox_session *const session = progress_find(visit);
	char made[MOMENT_RFC3339_SIZE];
	struct str pdf;

	if (!session) {
		say_unknown(visit);
		return;
	}
	if (!may_be_decided(session->status) || session->status == DIDIT_ABANDONED) {
		visit_say_detail(visit, 403, "You do not have permission to perform this action.");
		return;
	}
	moment_rfc3339(session->created, made);

	const struct str lines[] = {
		STR("Sandbox verification report"),
		STR("Nobody was verified: every person in here is made up."),
		STR(""),
		arena_printf(
			visit->arena, "Session: %s (number %lld)", session->id, (long long)session->number),
		arena_printf(visit->arena, "Status: %.*s", STR_ARG(didit_status_text(session->status))),
		arena_printf(visit->arena, "Created: %s", made),
	};

	if (pdf_write(visit->arena, lines, sizeof(lines) / sizeof(lines[0]), &pdf) != OK) {
		visit_say_empty(visit, 500);
		return;
	}
	visit->reply->status = 200;
	visit->reply->content_type = "application/pdf";
	visit->reply->body = pdf;
}

void serve_delete(struct visit *visit)
{
	struct sandbox_session *const session = progress_find(visit);

	if (!session) {
		say_unknown(visit);
		return;
	}
	state_drop(visit->site->state, session);
	visit_say_empty(visit, 204);
}

void serve_catalogue(struct visit *visit)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	struct buf body;
	struct js_writer w;

	buf_init(&body, visit->arena);
	js_begin(&w, &body);
	js_object(&w);
	js_key(&w, "scenarios");
	js_array(&w);
	for (size_t i = 0; i < n; i++) {
		js_object(&w);
		js_field_text(&w, "slug", catalogue[i].slug);
		js_field_text(&w, "title", catalogue[i].title);
		js_field_text(&w, "status", didit_status_text(catalogue[i].status));
		js_key(&w, "warning");
		if (catalogue[i].risk.n)
			js_put_text(&w, catalogue[i].risk);
		else
			js_put_null(&w);
		js_object_end(&w);
	}
	js_array_end(&w);
	js_object_end(&w);
	visit_say_json(visit, 200, &body);
}
