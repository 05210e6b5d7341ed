#include "sandbox/api/deletion.h"

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/api_version.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/ids.h"
#include "text/json.h"

#define DELETE_MANY_MAX 100 /* session numbers in one request */
#define RETENTION_DAYS_MAX 3650

static bool fits_retention_days(struct arena *a, const struct json_value *value)
{
	int64_t n = 0;

	(void)a;
	return json_int(value, &n) && n > 0 && n <= RETENTION_DAYS_MAX;
}

static bool fits_instruction(struct arena *a, const struct json_value *value)
{
	(void)a;
	return str_eq(json_text(value), STR("operational_session_delete")) ||
	       str_eq(json_text(value), STR("privacy_erasure"));
}

/* The fields of a deletion that concern face data. They are checked and have no further effect, because the
 * sandbox has no face data that it could retain. */
static const struct field_check retention_checks[] = {
	{ "retain_face_embeddings", fits_bool, "Must be a valid boolean." },
	{ "face_retention_days", fits_retention_days, "Must be between 1 and 3650." },
	{ "face_retention_deadline", fits_text, "Not a valid string." },
	{ "deletion_instruction", fits_instruction, "Not a valid choice." },
	{ "instruction_id", fits_text, "Not a text of at most 255 characters." },
};

static enum face_outcome face_outcome_of(const struct sandbox_session *session)
{
	return section_has_run(session, SECTION_LIVENESS) || section_has_run(session, SECTION_FACE_MATCH)
		       ? FACE_DELETED
		       : FACE_NONE;
}

static struct str face_outcome_text(enum face_outcome outcome)
{
	return outcome == FACE_DELETED ? STR("deleted") : STR("none");
}

static void put_deleted_members(struct json_writer *w, const struct sandbox_session *session)
{
	json_field_text(w, "session_id", str_of(session->id));
	json_field_int(w, "session_number", session->number);
	json_field_text(w, "face_retention_outcome", face_outcome_text(face_outcome_of(session)));
	json_field_null(w, "biometric_template_uuid");
	json_field_null(w, "biometric_template_expires_at");
}

/* Deletes the session and responds with 200 and its ids. */
static void delete_with_result(struct request_ctx *ctx, struct sandbox_session *session)
{
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct json_writer w;
	struct buf text;

	if (!body || !validate_fields(ctx, body, NULL, retention_checks, array_len(retention_checks)))
		return;
	buf_init(&text, ctx->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	put_deleted_members(&w, session);
	json_field_int(&w, "deleted_child_verifications", 0); /* only business sessions have any */
	json_end_object(&w);
	state_remove(ctx->sandbox->state, session);
	respond_json(ctx, 200, &text);
}

void serve_session_delete(struct request_ctx *ctx)
{
	struct sandbox_session *const session = session_find(ctx);

	if (!session) {
		respond_not_found(ctx);
	} else if (ctx->version->id == SANDBOX_V1) {
		state_remove(ctx->sandbox->state, session);
		respond_empty(ctx, 204);
	} else {
		delete_with_result(ctx, session);
	}
}

/* Parses a session number that is a JSON number or a text. Returns 0 if it is invalid. */
static int64_t session_number_parse(const struct json_value *value)
{
	int64_t n = 0;

	if (!json_int(value, &n) && !str_number(json_text(value), INT64_MAX, &n))
		return 0;
	return n;
}

static bool fits_session_numbers(struct arena *a, const struct json_value *value)
{
	(void)a;
	if (json_kind_of(value) != JSON_KIND_ARRAY || json_count(value) > DELETE_MANY_MAX)
		return false;
	for (size_t i = 0; i < json_count(value); i++)
		if (session_number_parse(json_at(value, i)) <= 0)
			return false;
	return true;
}

/* The sessions that a request selects: all, or those with one of the numbers. */
struct selection {
	bool all;
	const struct json_value *numbers;
};

static bool is_selected(const struct selection *selection, const struct sandbox_session *session)
{
	for (size_t i = 0; !selection->all && i < json_count(selection->numbers); i++)
		if (session_number_parse(json_at(selection->numbers, i)) == session->number)
			return true;
	return selection->all;
}

/* Deletes the selected sessions and counts their outcomes. If `results` is not NULL, also writes a result for
 * each session. */
static void delete_selected(struct request_ctx *ctx, const struct selection *selection,
	struct json_writer *results, int64_t outcomes[FACE_OUTCOMES])
{
	struct sandbox_session *session, *next;

	for (session = state_next(ctx->sandbox->state, NULL); session; session = next) {
		next = state_next(ctx->sandbox->state, session);
		if (!is_selected(selection, session))
			continue;
		outcomes[face_outcome_of(session)]++;
		if (results) {
			json_begin_object(results);
			put_deleted_members(results, session);
			json_end_object(results);
		}
		state_remove(ctx->sandbox->state, session);
	}
}

static void respond_job(struct request_ctx *ctx, int status, const struct deletion_job *job)
{
	static const char *const absent[] = { "retained_with_user", "ineligible_no_vendor_user",
		"failed_retryable", "already_deleted" };
	const int64_t total = job->outcomes[FACE_DELETED] + job->outcomes[FACE_NONE];
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "job_id", str_of(job->id));
	json_field_text(&w, "status", STR("COMPLETED"));
	json_field_int(&w, "total", total);
	json_field_int(&w, "processed", total);
	json_key(&w, "outcomes");
	json_begin_object(&w);
	json_field_int(&w, "deleted", job->outcomes[FACE_DELETED]);
	json_field_int(&w, "none", job->outcomes[FACE_NONE]);
	for (size_t i = 0; i < array_len(absent); i++)
		json_field_int(&w, absent[i], 0);
	json_end_object(&w);
	json_field_int(&w, "deleted_child_verifications", 0);
	json_field_null(&w, "error");
	put_moment(&w, "created_at", job->at);
	json_end_object(&w);
	respond_json(ctx, status, &body);
}

static void delete_as_job(struct request_ctx *ctx, const struct selection *selection)
{
	struct deletion_job job = { .at = ctx->now };

	if (uuid_make(ctx->sandbox->random, job.id) != OK) {
		respond_detail(ctx, 500, "No randomness.");
		return;
	}
	delete_selected(ctx, selection, NULL, job.outcomes);
	deletion_jobs_add(&ctx->sandbox->deletion_jobs, &job);
	respond_job(ctx, 202, &job);
}

static void delete_with_results(struct request_ctx *ctx, const struct selection *selection)
{
	int64_t outcomes[FACE_OUTCOMES] = { 0 };
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_key(&w, "results");
	json_begin_array(&w);
	delete_selected(ctx, selection, &w, outcomes);
	json_end_array(&w);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

static size_t count_selected(const struct request_ctx *ctx, const struct selection *selection)
{
	struct sandbox_session *session = NULL;
	size_t n = 0;

	while ((session = state_next(ctx->sandbox->state, session)))
		n += is_selected(selection, session);
	return n;
}

void serve_session_delete_many(struct request_ctx *ctx)
{
	static const struct field_check checks[] = {
		{ "session_numbers", fits_session_numbers,
			"Expected a list of at most 100 session numbers." },
		{ "delete_all", fits_bool, "Must be a valid boolean." },
	};
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);

	if (!body || !validate_fields(ctx, body, NULL, checks, array_len(checks)) ||
		!validate_fields(ctx, body, NULL, retention_checks, array_len(retention_checks)))
		return;

	const struct selection selection = { json_bool(json_get(body, "delete_all")),
		json_get(body, "session_numbers") };

	if (!selection.all && !json_count(selection.numbers))
		respond_field_error(ctx, "session_numbers", "This field is required.");
	else if (count_selected(ctx, &selection) > DELETION_RESULTS_MAX)
		delete_as_job(ctx, &selection);
	else
		delete_with_results(ctx, &selection);
}

void serve_deletion_job(struct request_ctx *ctx)
{
	const struct deletion_job *const job = deletion_jobs_find(
		&ctx->sandbox->deletion_jobs, ctx->params[0]);

	if (job)
		respond_job(ctx, 200, job);
	else
		respond_not_found(ctx);
}
