#include "sandbox/api/sessions.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/pdf.h"
#include "sandbox/request/api_version.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/state/ids.h"
#include "text/form.h"
#include "text/json.h"

static void respond_session(struct request_ctx *ctx, int status, const struct sandbox_session *session,
	void (*write)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session))
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	write(&w, ctx->sandbox, session);
	respond_json(ctx, status, &body);
}

static enum err must_use create_session(
	struct request_ctx *ctx, struct sandbox_session *draft, struct sandbox_session **session)
{
	TRY(uuid_make(ctx->sandbox->random, draft->id));
	TRY(session_token_make(ctx->sandbox->random, draft->token));
	return state_add(ctx->sandbox->state, draft, session);
}

/* Returns the newest unfinished session with the same vendor_data and workflow (didit-api.md 4.2), or NULL.
 * Versions without reuse always get NULL. */
static struct sandbox_session *find_unfinished(struct request_ctx *ctx, const struct sandbox_session *draft)
{
	struct sandbox_session *found = NULL, *session = NULL;

	if (!ctx->version->reuses || !draft->vendor_data.n)
		return NULL;
	while ((session = state_next(ctx->sandbox->state, session))) {
		if (!str_eq(session->vendor_data, draft->vendor_data) ||
			strcmp(session->workflow_id, draft->workflow_id) != 0)
			continue;
		session_expire(ctx->sandbox, session, ctx->now, true);
		if (sandbox_session_is_open(session))
			found = session;
	}
	return found;
}

/* Updates a reused session: the callback, the metadata and the scenario are replaced if the new request
 * contains them. */
static enum err must_use update_reused_session(
	struct sandbox_session *session, const struct sandbox_session *draft)
{
	struct sandbox_session wanted = *session;

	if (draft->callback.p)
		wanted.callback = draft->callback;
	if (draft->metadata.p)
		wanted.metadata = draft->metadata;
	TRY(state_set_texts(session, &wanted));
	if (draft->requested_scenario)
		session->requested_scenario = draft->requested_scenario;
	return OK;
}

void serve_session_create(struct request_ctx *ctx)
{
	struct sandbox_session draft = {
		.version = ctx->version->id, .created = ctx->now, .link_since = ctx->now
	};
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct sandbox_session *session;

	if (!body || !ctx->version->read_create(ctx, body, &draft))
		return;
	session = find_unfinished(ctx, &draft);

	const bool reused = session;

	if (reused)
		state_mark_changed(ctx->sandbox->state, session);

	if ((reused ? update_reused_session(session, &draft) : create_session(ctx, &draft, &session)) != OK) {
		respond_detail(ctx, 500, "The session could not be kept.");
		return;
	}
	respond_session(ctx, 201, session, ctx->version->write_created);
	if (!reused)
		session_notify(ctx->sandbox, session, ctx->now, true);
}

struct decision_query {
	struct str include;
};
static const struct field decision_fields[] = {
	FIELD(struct decision_query, include, FIELD_TEXT, FIELD_OPTIONAL, 0, 128),
};
static const struct form decision_query_form = {
	.fields = decision_fields,
	.n = array_len(decision_fields),
	.size = sizeof(struct decision_query),
	.missing = "",
};

/* Returns true if the query contains include=events. */
static bool includes_events(const struct request_ctx *ctx)
{
	void *query = NULL;
	struct form_problem problem;

	return ctx->version->write_decision_with_events &&
	       form_read_query(&decision_query_form, ctx->request->query, ctx->arena, &query, &problem) ==
		       FORM_READ &&
	       str_eq(((const struct decision_query *)query)->include, STR("events"));
}

void serve_decision(struct request_ctx *ctx)
{
	const struct sandbox_session *const session = session_find(ctx);

	if (session)
		respond_session(ctx, 200, session,
			includes_events(ctx) ? ctx->version->write_decision_with_events
					     : ctx->version->write_decision);
	else
		respond_not_found(ctx);
}

/* Returns true for the statuses for which Didit creates a report (didit-api.md 4.4). */
static bool has_report(enum didit_status status)
{
	return status == DIDIT_APPROVED || status == DIDIT_DECLINED || status == DIDIT_IN_REVIEW ||
	       status == DIDIT_KYC_EXPIRED;
}

void serve_report(struct request_ctx *ctx)
{
	const struct sandbox_session *const session = session_find(ctx);
	char made[MOMENT_RFC3339_SIZE];
	struct str pdf;

	if (!session) {
		respond_not_found(ctx);
		return;
	}
	if (!has_report(session->status)) {
		respond_detail(ctx, 403, "You do not have permission to perform this action.");
		return;
	}
	moment_rfc3339(session->created, made);

	const struct str lines[] = {
		STR("Sandbox verification report"),
		STR("Nobody was verified: every person in here is made up."),
		STR(""),
		arena_printf(
			ctx->arena, "Session: %s (number %lld)", session->id, (long long)session->number),
		arena_printf(ctx->arena, "Status: %.*s", STR_ARG(didit_status_text(session->status))),
		arena_printf(ctx->arena, "Created: %s", made),
	};

	if (pdf_write(ctx->arena, lines, sizeof(lines) / sizeof(lines[0]), &pdf) != OK) {
		respond_empty(ctx, 500);
		return;
	}
	ctx->reply->status = 200;
	ctx->reply->content_type = "application/pdf";
	ctx->reply->body = pdf;
}

void serve_scenario_list(struct request_ctx *ctx)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
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
	respond_json(ctx, 200, &body);
}
