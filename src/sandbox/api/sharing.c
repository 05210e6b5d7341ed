#include "sandbox/api/sharing.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/ids.h"

#define SHARE_TOKEN_LIFETIME hours(1)

/* clang-format off */
static const struct field_check share_checks[] = {
	{ "for_application_id", fits_uuid, "Must be a valid UUID." },
};
static const struct field_check import_checks[] = {
	{ "share_token",  fits_text, "Not a valid string." },
	{ "trust_review", fits_bool, "Must be a valid boolean." },
	{ "workflow_id",  fits_uuid, "Must be a valid UUID." },
	{ "vendor_data",  fits_text, "Not a text of at most 255 characters." },
};
/* clang-format on */

static bool can_be_shared(const struct sandbox_session *session)
{
	return session->scenario && (session->status == DIDIT_APPROVED || session->status == DIDIT_DECLINED ||
					    session->status == DIDIT_IN_REVIEW);
}

void serve_share(struct request_ctx *ctx)
{
	struct sandbox_session *const session = session_find(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = session ? read_json_body(ctx) : NULL;
	struct json_writer w;
	struct buf answer;

	if (!session)
		respond_not_found(ctx);
	if (!body)
		return;
	if (!validate_fields(ctx, body, NULL, share_checks, array_len(share_checks)))
		return;
	if (!can_be_shared(session)) {
		respond_detail(ctx, 400, "Only a finished session can be shared.");
		return;
	}
	if (access_token_make(ctx->sandbox->random, session->share_token) != OK) {
		respond_detail(ctx, 500, "No randomness.");
		return;
	}
	session->share_until = moment_add(ctx->now, SHARE_TOKEN_LIFETIME);
	session->imported = false;
	buf_init(&answer, ctx->arena);
	json_writer_init(&w, &answer);
	json_begin_object(&w);
	json_field_text(&w, "share_token", str_of(session->share_token));
	json_key(&w, "for_application_id");
	json_put_value(&w, json_get(body, "for_application_id"));
	json_field_text(&w, "session_kind", STR("user"));
	json_end_object(&w);
	respond_json(ctx, 200, &answer);
}

/* Returns the session that was shared with this token. If there is none, or it was already imported, writes
 * the error response and returns NULL. */
static struct sandbox_session *find_shared(struct request_ctx *ctx, struct str token)
{
	struct sandbox_session *session = NULL;

	if (!token.n) {
		respond_field_error(ctx, "share_token", "This field is required.");
		return NULL;
	}
	while ((session = state_next(ctx->sandbox->state, session)))
		if (str_eq(token, str_of(session->share_token)))
			break;
	if (!session || !moment_is_before(ctx->now, session->share_until)) {
		respond_detail(ctx, 401, "Invalid or expired share token.");
		return NULL;
	}
	if (session->imported) {
		respond_detail(ctx, 403, "The session has been imported already.");
		return NULL;
	}
	return session;
}

/* Returns the draft of a new session that has the results of the shared session. */
static struct sandbox_session imported_draft(
	const struct request_ctx *ctx, const struct sandbox_session *shared, const struct json_value *body)
{
	const struct str workflow = json_text(json_get(body, "workflow_id"));
	struct sandbox_session draft = {
		.version = SANDBOX_V3,
		.parts = shared->parts,
		.person = shared->person ? shared->person : shared->number,
		.corrections = shared->corrections,
		.scenario = shared->scenario,
		.created = ctx->now,
		.link_since = ctx->now,
	};

	memcpy(draft.manual_status, shared->manual_status, sizeof(draft.manual_status));
	if (!str_copy_to(workflow, draft.workflow_id, sizeof(draft.workflow_id)) || !workflow.n)
		memcpy(draft.workflow_id, shared->workflow_id, sizeof(draft.workflow_id));
	if (json_kind_of(json_get(body, "vendor_data")) == JSON_KIND_TEXT)
		draft.vendor_data = json_text(json_get(body, "vendor_data"));
	return draft;
}

static void respond_imported(struct request_ctx *ctx, const struct sandbox_session *session)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "session_kind", STR("user"));
	json_field_int(&w, "session_number", session->number);
	json_field_null(&w, "session_url"); /* an imported session needs no action by the person */
	put_status(&w, "status", session->status);
	put_text_or_null(&w, "workflow_id",
		session->workflow_id[0] ? str_of(session->workflow_id) : (struct str){ NULL, 0 });
	put_text_or_null(&w, "vendor_data", session->vendor_data);
	put_moment(&w, "created_at", session->created);
	json_end_object(&w);
	respond_json(ctx, 201, &body);
}

/* Marks `shared` as imported before adding the new session, because adding it may evict `shared`. If nothing
 * was added, `shared` still exists and can be imported again. */
static bool add_imported(struct state *state, struct sandbox_session *shared,
	const struct sandbox_session *draft, struct sandbox_session **out)
{
	state_mark_changed(state, shared);
	shared->imported = true;
	if (state_add(state, draft, out) == OK)
		return true;
	shared->imported = false;
	return false;
}

void serve_import(struct request_ctx *ctx)
{
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct sandbox_session *shared, *session, draft;
	enum didit_status status;

	if (!body || !validate_fields(ctx, body, NULL, import_checks, array_len(import_checks)))
		return;
	shared = find_shared(ctx, json_text(json_get(body, "share_token")));
	if (!shared)
		return;
	status = json_bool(json_get(body, "trust_review")) ? shared->status : DIDIT_IN_REVIEW;
	draft = imported_draft(ctx, shared, body);
	if (uuid_make(ctx->sandbox->random, draft.id) != OK ||
		session_token_make(ctx->sandbox->random, draft.token) != OK ||
		!add_imported(ctx->sandbox->state, shared, &draft, &session)) {
		respond_detail(ctx, 500, "The session could not be kept.");
		return;
	}
	session_set_status(ctx, session, status);
	respond_imported(ctx, session);
}
