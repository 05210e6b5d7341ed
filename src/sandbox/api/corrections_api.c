#include "sandbox/api/corrections_api.h"

#include "base/attr.h"
#include "sandbox/api/manual_review.h"
#include "sandbox/api/transitions.h"
#include "sandbox/decision/corrections.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/body_fields.h"

static bool validate_corrections(
	struct request_ctx *ctx, const struct json_value *body, const struct correctable_section *what)
{
	for (size_t i = 0; i < what->n; i++)
		if (!validate_fields(ctx, body, NULL, &what->fields[i].check, 1))
			return false;
	return true;
}

static void respond_correction_error(struct request_ctx *ctx, enum err e)
{
	if (e == ERR_NOT_FOUND)
		respond_field_error(ctx, "non_field_errors", "There is no field that can be corrected.");
	else if (e == ERR_INPUT)
		respond_field_error(
			ctx, "non_field_errors", "Ensure corrections have no more than 4096 bytes.");
	else
		respond_detail(ctx, 500, "The correction could not be kept.");
}

/* Queues the event for the correction. If the corrected expiry date has passed, an approved session becomes
 * `Kyc Expired` (didit-api.md 13). */
static void apply_correction_effects(struct request_ctx *ctx, struct sandbox_session *session)
{
	session_notify_correction(ctx->sandbox, session, ctx->now);
	if (session->status == DIDIT_APPROVED)
		session->expires_at = corrected_document_expiry(session);
	session_expire(ctx->sandbox, session, ctx->now, true);
}

static void serve_correction(struct request_ctx *ctx, const struct correctable_section *what)
{
	struct sandbox_session *const session = session_find(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = session ? read_json_body(ctx) : NULL;
	struct sandbox_session wanted;

	if (!session)
		respond_not_found(ctx);
	if (!body || !validate_corrections(ctx, body, what))
		return;
	if (!section_has_run(session, what->section)) {
		respond_detail(ctx, 400, "There are no data of this feature yet.");
		return;
	}
	wanted = *session;

	enum err e = corrections_merge(ctx->arena, session, what, body, &wanted.corrections);

	if (e == OK)
		e = state_set_texts(session, &wanted);
	if (e != OK) {
		respond_correction_error(ctx, e);
		return;
	}
	respond_session_id(ctx, session);
	apply_correction_effects(ctx, session);
}

void serve_document_correction(struct request_ctx *ctx)
{
	serve_correction(ctx, &correctable_document);
}

void serve_address_correction(struct request_ctx *ctx)
{
	serve_correction(ctx, &correctable_address);
}
