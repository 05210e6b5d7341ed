#include "sandbox/api/manual_review.h"

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/api_version.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"

/* Shortest time between two reruns of a session's automatic checks. */
#define RERUN_INTERVAL seconds(30)

/* The body of a status update. */
struct status_update {
	enum didit_status status;
	struct str comment;
	unsigned parts; /* the parts that the person must repeat, if the status is Resubmitted */
};

/* clang-format off */
static const struct field_check update_checks[] = {
	{ "comment",        fits_comment,  "Not a text of at most 500 characters." },
	{ "send_email",     fits_bool,     "Must be a valid boolean." },
	{ "email_address",  fits_email,    "Enter a valid email address." },
	{ "email_language", fits_language, "Not a valid choice." },
};
/* clang-format on */

/* Returns true if a reviewer may change the status of a session that has this status. */
static bool status_may_be_changed(enum didit_status status)
{
	return status != DIDIT_NOT_STARTED && status != DIDIT_IN_PROGRESS && status != DIDIT_EXPIRED &&
	       status != DIDIT_AWAITING_USER;
}

/* Reads new_status, which must be one of `choices`. If it is invalid, writes the error response and returns
 * false. */
static bool read_status(struct request_ctx *ctx, const struct json_value *body,
	const enum didit_status *choices, size_t n, enum didit_status *status)
{
	const struct json_value *const value = json_get(body, "new_status");

	if (json_kind_of(value) == JSON_KIND_ABSENT || json_kind_of(value) == JSON_KIND_NULL) {
		respond_field_error(ctx, "new_status", "This field is required.");
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (str_eq(json_text(value), didit_status_text(choices[i]))) {
			*status = choices[i];
			return true;
		}
	}
	respond_field_error(ctx, "new_status", "Not a valid choice.");
	return false;
}

/* Returns the parts to repeat if the request names none: all parts that are not approved. If all are
 * approved, returns the parts that need an action by the person. */
static unsigned parts_to_redo(const struct sandbox_session *session)
{
	unsigned not_approved = 0, manual = 0;

	for (int i = SECTION_NONE + 1; i < SECTIONS; i++) {
		const enum section section = (enum section)i;

		if (!(session->parts & PART(section)))
			continue;
		if (!section_has_run(session, section) || section_result(session, section) != DIDIT_APPROVED)
			not_approved |= PART(section);
		if (!section_is_automatic(section))
			manual |= PART(section);
	}
	return not_approved ? not_approved : manual;
}

static bool read_nodes_to_resubmit(struct request_ctx *ctx, const struct json_value *body,
	const struct sandbox_session *session, unsigned *parts)
{
	const struct json_value *const nodes = json_get(body, "nodes_to_resubmit");
	const enum json_kind kind = json_kind_of(nodes);

	*parts = 0;
	for (size_t i = 0; i < json_count(nodes); i++) {
		const enum section section = section_of_node(
			json_text(json_get(json_at(nodes, i), "node_id")));

		if (!(session->parts & PART(section))) {
			respond_field_error(
				ctx, "nodes_to_resubmit", "There is no such node in this session.");
			return false;
		}
		*parts |= PART(section);
	}
	if (kind != JSON_KIND_ARRAY && kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL) {
		respond_field_error(ctx, "nodes_to_resubmit", "Expected a list of items.");
		return false;
	}
	if (!*parts)
		*parts = parts_to_redo(session);
	return true;
}

static bool read_status_update(struct request_ctx *ctx, const struct json_value *body,
	const struct sandbox_session *session, struct status_update *update)
{
	static const enum didit_status choices[] = { DIDIT_APPROVED, DIDIT_DECLINED, DIDIT_RESUBMITTED };
	const size_t n = ctx->version->id == SANDBOX_V1 ? 2 : 3;

	if (!read_status(ctx, body, choices, n, &update->status) ||
		!validate_fields(ctx, body, NULL, update_checks, array_len(update_checks)))
		return false;
	if (json_bool(json_get(body, "send_email")) && !json_text(json_get(body, "email_address")).n) {
		respond_field_error(ctx, "email_address", "This field is required when send_email is true.");
		return false;
	}
	if (json_kind_of(json_get(body, "comment")) == JSON_KIND_TEXT)
		update->comment = json_text(json_get(body, "comment"));
	return update->status != DIDIT_RESUBMITTED ||
	       read_nodes_to_resubmit(ctx, body, session, &update->parts);
}

void respond_session_id(struct request_ctx *ctx, const struct sandbox_session *session)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

static unsigned automatic_parts(unsigned parts)
{
	unsigned automatic = 0;

	for (int section = SECTION_NONE + 1; section < SECTIONS; section++)
		if ((parts & PART(section)) && section_is_automatic((enum section)section))
			automatic |= PART(section);
	return automatic;
}

/* Returns true if the automatic checks may run again now. Otherwise responds with 429 and returns false. */
static bool may_rerun(struct request_ctx *ctx, const struct sandbox_session *session)
{
	const moment again = moment_add(session->last_rerun, RERUN_INTERVAL);

	if (moment_is_unset(session->last_rerun) || !moment_is_before(ctx->now, again))
		return true;
	respond_throttled(ctx, moment_diff(ctx->now, again));
	return false;
}

/* Sends the session back to the person to repeat `parts`. Automatic checks run again at once. If `parts`
 * contains no other checks, the session gets the final status of its scenario again. */
static void resubmit(struct request_ctx *ctx, struct sandbox_session *session, unsigned parts)
{
	const unsigned automatic = session->scenario ? automatic_parts(parts) : 0;

	for (int section = SECTION_NONE + 1; section < SECTIONS; section++)
		if (parts & PART(section))
			session->manual_status[section] = DIDIT_NOT_STARTED;
	session->redo = parts;
	session->link_since = ctx->now;
	session_set_status(ctx, session, DIDIT_RESUBMITTED);
	if (automatic)
		session->last_rerun = ctx->now;
	session->redo = parts & ~automatic;
	if (!session->redo) {
		session_set_status(ctx, session, DIDIT_IN_PROGRESS);
		session_set_status(ctx, session, session->scenario->status);
	}
}

static void apply_status_update(
	struct request_ctx *ctx, struct sandbox_session *session, const struct status_update *update)
{
	const bool again = update->status == DIDIT_RESUBMITTED;

	if (again && automatic_parts(update->parts) && !may_rerun(ctx, session))
		return;
	if (state_review(session, update->status, update->comment, ctx->now) != OK) {
		respond_detail(ctx, 500, "The decision could not be kept.");
		return;
	}
	respond_session_id(ctx, session);
	if (again) {
		resubmit(ctx, session, update->parts);
		return;
	}
	session->redo = 0;
	session_set_status(ctx, session, update->status);
}

void serve_status_update(struct request_ctx *ctx)
{
	struct sandbox_session *const session = session_find(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	struct status_update update = { .parts = 0 };

	if (!session) {
		respond_not_found(ctx);
		return;
	}
	body = read_json_body(ctx);
	if (!body || !read_status_update(ctx, body, session, &update))
		return;
	if (!status_may_be_changed(session->status))
		respond_detail(ctx, 400, "The session has no status that can be changed.");
	else if (session->status == update.status && update.status == DIDIT_RESUBMITTED)
		respond_detail(ctx, 400, "The new status is the same as the current status.");
	else if (session->status == update.status) /* unchanged, so no event (didit-api.md 13) */
		respond_session_id(ctx, session);
	else
		apply_status_update(ctx, session, &update);
}

static void respond_section(
	struct request_ctx *ctx, const struct sandbox_session *session, enum section section)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "node_id", section_node(section));
	json_field_text(&w, "feature_type", section_feature(section));
	json_field_text(&w, "new_status", didit_status_text(section_result(session, section)));
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

/* Sets the status of one section. The node id "default" means the first section, which is the document. */
void serve_feature_status_update(struct request_ctx *ctx)
{
	static const enum didit_status choices[] = { DIDIT_APPROVED, DIDIT_DECLINED, DIDIT_IN_REVIEW };
	struct sandbox_session *const session = session_find(ctx);
	const bool first = str_eq(ctx->params[1], STR("default"));
	const enum section section = first ? SECTION_DOCUMENT : section_of_node(ctx->params[1]);
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	enum didit_status status;

	if (!session || !(session->parts & PART(section))) {
		respond_not_found(ctx);
		return;
	}
	body = read_json_body(ctx);
	if (!body || !read_status(ctx, body, choices, array_len(choices), &status))
		return;
	if (!status_may_be_changed(session->status) || !section_has_run(session, section)) {
		respond_detail(ctx, 400, "The feature has no status that can be changed.");
		return;
	}
	session->manual_status[section] = status;
	respond_section(ctx, session, section);
}

static void respond_reviews(struct request_ctx *ctx, int status, const struct sandbox_review *first)
{
	const bool one = status == 201;
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	if (one)
		put_review(&w, first);
	else
		put_review_list(&w, first);
	respond_json(ctx, status, &body);
}

void serve_review_list(struct request_ctx *ctx)
{
	const struct sandbox_session *const session = session_find(ctx);

	if (session)
		respond_reviews(ctx, 200, session->reviews);
	else
		respond_not_found(ctx);
}

static bool fits_any_status(struct arena *a, const struct json_value *value)
{
	enum didit_status ignored;

	(void)a;
	return didit_status_parse(json_text(value), &ignored);
}

/* Adds a comment as a review with the status of the request, which may be any status, else with the session's
 * current status. The session's status does not change. */
void serve_review_add(struct request_ctx *ctx)
{
	static const struct field_check checks[] = {
		{ "comment", fits_comment, "Not a text of at most 500 characters." },
		{ "new_status", fits_any_status, "Not a valid choice." },
	};
	struct sandbox_session *const session = session_find(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = session ? read_json_body(ctx) : NULL;
	const struct str comment = json_text(json_get(body, "comment"));
	enum didit_status status = DIDIT_NOT_STARTED;
	const struct sandbox_review *last;

	if (!session)
		respond_not_found(ctx);
	if (!body || !validate_fields(ctx, body, NULL, checks, array_len(checks)))
		return;
	if (!comment.n) {
		respond_field_error(ctx, "comment", "This field is required.");
		return;
	}
	if (!didit_status_parse(json_text(json_get(body, "new_status")), &status))
		status = session->status;
	if (state_review(session, status, comment, ctx->now) != OK) {
		respond_detail(ctx, 500, "The note could not be kept.");
		return;
	}
	last = session->reviews;
	while (last->next)
		last = last->next;
	respond_reviews(ctx, 201, last);
}
