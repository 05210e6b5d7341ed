#include "sandbox/session_calls.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/checks.h"
#include "sandbox/ids.h"
#include "sandbox/pdf.h"
#include "sandbox/progress.h"
#include "sandbox/version.h"
#include "sandbox/wishes.h"
#include "text/json.h"

#define DELETED_AT_ONCE_MAX 100

static void say_session(struct visit *visit, int status, const struct sandbox_session *session,
	void (*write)(struct json_writer *w, const struct site *site, const struct sandbox_session *session))
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
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
		if (!str_eq(session->vendor_data, draft->vendor_data) ||
			strcmp(session->workflow_id, draft->workflow_id) != 0)
			continue;
		progress_lapse(visit->site, session, visit->now, true);
		if (sandbox_session_is_open(session))
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
	const struct json_value *body cleanup_with(json_cleanup) = wish_body(visit);
	struct sandbox_session *session;

	if (!body || !visit->version->read_create(visit, body, &draft))
		return;
	session = find_unfinished(visit, &draft);

	const bool reused = session;

	if (reused)
		state_touch(visit->site->state, session);

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
		visit_say_unknown(visit);
}

/* didit-api.md 4.4 */
static bool has_report(enum didit_status status)
{
	return status == DIDIT_APPROVED || status == DIDIT_DECLINED || status == DIDIT_IN_REVIEW ||
	       status == DIDIT_KYC_EXPIRED;
}

void serve_report(struct visit *visit)
{
	const struct sandbox_session *const session = progress_find(visit);
	char made[MOMENT_RFC3339_SIZE];
	struct str pdf;

	if (!session) {
		visit_say_unknown(visit);
		return;
	}
	if (!has_report(session->status)) {
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
		visit_say_unknown(visit);
		return;
	}
	state_drop(visit->site->state, session);
	visit_say_empty(visit, 204);
}

/* A number as text or as a number; 0 for what is none. */
static int64_t number_of(const struct json_value *value)
{
	int64_t n = 0;

	if (!json_int(value, &n) && !str_number(json_text(value), INT64_MAX, &n))
		return 0;
	return n;
}

static bool is_listed(const struct json_value *numbers, int64_t number)
{
	for (size_t i = 0; i < json_count(numbers); i++)
		if (number_of(json_at(numbers, i)) == number)
			return true;
	return false;
}

static bool numbers_fit(struct arena *a, const struct json_value *value)
{
	(void)a;
	if (json_kind_of(value) != JSON_KIND_ARRAY || json_count(value) > DELETED_AT_ONCE_MAX)
		return false;
	for (size_t i = 0; i < json_count(value); i++)
		if (number_of(json_at(value, i)) <= 0)
			return false;
	return true;
}

void serve_delete_many(struct visit *visit)
{
	static const struct check checks[] = {
		{ "session_numbers", numbers_fit, "Expected a list of at most 100 session numbers." },
		{ "delete_all", fits_bool, "Must be a valid boolean." },
	};
	const struct json_value *body cleanup_with(json_cleanup) = wish_body(visit);
	const struct json_value *const numbers = json_get(body, "session_numbers");
	const bool all = json_bool(json_get(body, "delete_all"));
	struct sandbox_session *session, *next;

	if (!body || !checks_pass(visit, body, NULL, checks, array_len(checks)))
		return;
	if (!all && !json_count(numbers)) {
		visit_say_field(visit, "session_numbers", "This field is required.");
		return;
	}
	for (session = state_next(visit->site->state, NULL); session; session = next) {
		next = state_next(visit->site->state, session);
		if (all || is_listed(numbers, session->number))
			state_drop(visit->site->state, session);
	}
	visit_say_empty(visit, 204);
}

void serve_catalogue(struct visit *visit)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_key(&w, "scenarios");
	json_begin_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w);
		json_field_text(&w, "slug", catalogue[i].slug);
		json_field_text(&w, "title", catalogue[i].title);
		json_field_text(&w, "status", didit_status_text(catalogue[i].status));
		json_key(&w, "warning");
		if (catalogue[i].risk.n)
			json_put_text(&w, catalogue[i].risk);
		else
			json_put_null(&w);
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	visit_say_json(visit, 200, &body);
}
