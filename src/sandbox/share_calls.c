#include "sandbox/share_calls.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/checks.h"
#include "sandbox/ids.h"
#include "sandbox/people.h"
#include "sandbox/progress.h"
#include "sandbox/wishes.h"

#define SHARE_LIFE hours(1)

/* clang-format off */
static const struct check share_checks[] = {
	{ "for_application_id", fits_uuid, "Must be a valid UUID." },
};
static const struct check import_checks[] = {
	{ "share_token",  fits_text, "Not a valid string." },
	{ "trust_review", fits_bool, "Must be a valid boolean." },
	{ "workflow_id",  fits_uuid, "Must be a valid UUID." },
	{ "vendor_data",  fits_text, "Not a text of at most 255 characters." },
};
/* clang-format on */

static bool is_finished(const struct sandbox_session *session)
{
	return session->scenario && (session->status == DIDIT_APPROVED || session->status == DIDIT_DECLINED ||
					    session->status == DIDIT_IN_REVIEW);
}

void serve_share(struct visit *visit)
{
	struct sandbox_session *const session = progress_find(visit);
	const struct json_value *body cleanup_with(json_cleanup) = session ? wish_body(visit) : NULL;
	struct json_writer w;
	struct buf answer;

	if (!session)
		visit_say_unknown(visit);
	if (!body)
		return;
	if (!checks_pass(visit, body, NULL, share_checks, array_len(share_checks)))
		return;
	if (!is_finished(session)) {
		visit_say_detail(visit, 400, "Only a finished session can be shared.");
		return;
	}
	if (access_token_make(visit->site->random, session->share_token) != OK) {
		visit_say_detail(visit, 500, "No randomness.");
		return;
	}
	session->share_until = moment_add(visit->now, SHARE_LIFE);
	session->imported = false;
	buf_init(&answer, visit->arena);
	json_writer_init(&w, &answer);
	json_begin_object(&w);
	json_field_text(&w, "share_token", str_of(session->share_token));
	json_key(&w, "for_application_id");
	json_put_value(&w, json_get(body, "for_application_id"));
	json_field_text(&w, "session_kind", STR("user"));
	json_end_object(&w);
	visit_say_json(visit, 200, &answer);
}

/* NULL: the refusal was answered. */
static struct sandbox_session *find_shared(struct visit *visit, struct str token)
{
	struct sandbox_session *session = NULL;

	if (!token.n) {
		visit_say_field(visit, "share_token", "This field is required.");
		return NULL;
	}
	while ((session = state_next(visit->site->state, session)))
		if (str_eq(token, str_of(session->share_token)))
			break;
	if (!session || !moment_is_before(visit->now, session->share_until)) {
		visit_say_detail(visit, 401, "Invalid or expired share token.");
		return NULL;
	}
	if (session->imported) {
		visit_say_detail(visit, 403, "The session has been imported already.");
		return NULL;
	}
	return session;
}

static struct sandbox_session copy_of(
	const struct visit *visit, const struct sandbox_session *shared, const struct json_value *body)
{
	const struct str workflow = json_text(json_get(body, "workflow_id"));
	struct sandbox_session draft = {
		.version = SANDBOX_V3,
		.parts = shared->parts,
		.person = shared->person ? shared->person : shared->number,
		.corrections = shared->corrections,
		.scenario = shared->scenario,
		.created = visit->now,
		.link_from = visit->now,
	};

	memcpy(draft.by_hand, shared->by_hand, sizeof(draft.by_hand));
	if (!str_copy_to(workflow, draft.workflow_id, sizeof(draft.workflow_id)) || !workflow.n)
		memcpy(draft.workflow_id, shared->workflow_id, sizeof(draft.workflow_id));
	if (json_kind_of(json_get(body, "vendor_data")) == JSON_KIND_TEXT)
		draft.vendor_data = json_text(json_get(body, "vendor_data"));
	return draft;
}

static void say_imported(struct visit *visit, const struct sandbox_session *session)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "session_kind", STR("user"));
	json_field_int(&w, "session_number", session->number);
	json_field_null(&w, "session_url"); /* there is nothing left to do on a page */
	put_status(&w, "status", session->status);
	put_text_or_null(&w, "workflow_id",
		session->workflow_id[0] ? str_of(session->workflow_id) : (struct str){ NULL, 0 });
	put_text_or_null(&w, "vendor_data", session->vendor_data);
	put_moment(&w, "created_at", session->created);
	json_end_object(&w);
	visit_say_json(visit, 201, &body);
}

void serve_import(struct visit *visit)
{
	const struct json_value *body cleanup_with(json_cleanup) = wish_body(visit);
	struct sandbox_session *shared, *session, draft;
	enum didit_status status;

	if (!body || !checks_pass(visit, body, NULL, import_checks, array_len(import_checks)))
		return;
	shared = find_shared(visit, json_text(json_get(body, "share_token")));
	if (!shared)
		return;
	state_touch(visit->site->state, shared);
	shared->imported = true;
	status = json_bool(json_get(body, "trust_review")) ? shared->status : DIDIT_IN_REVIEW;
	draft = copy_of(visit, shared, body);
	if (uuid_make(visit->site->random, draft.id) != OK ||
		session_token_make(visit->site->random, draft.token) != OK ||
		state_add(visit->site->state, &draft, &session) != OK) {
		visit_say_detail(visit, 500, "The session could not be kept.");
		return;
	}
	progress_to(visit, session, status);
	say_imported(visit, session);
}
