#include "sandbox/api/arming.h"

#include "base/attr.h"
#include "sandbox/api/transitions.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "text/json.h"

/* Didit documents the request but not the members of the response. These are the ids that other calls return,
 * and the scenario under the name that it has in events. */
static void respond_armed(struct request_ctx *ctx, const struct sandbox_session *session)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "sandbox_scenario", session->requested_scenario->slug);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

void serve_scenario_arm(struct request_ctx *ctx)
{
	static const struct field_check checks[] = {
		{ "scenario", fits_scenario, "Not a valid choice." },
	};
	struct sandbox_session *const session = session_find(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = session ? read_json_body(ctx) : NULL;

	if (!session)
		respond_not_found(ctx);
	if (!body || !validate_fields(ctx, body, NULL, checks, array_len(checks)))
		return;

	const struct scenario *const scenario = scenario_find(json_text(json_get(body, "scenario")));

	if (!scenario) {
		respond_field_error(ctx, "scenario", "This field is required.");
	} else if (session->status != DIDIT_NOT_STARTED) {
		respond_detail(ctx, 400, "Only a session that is Not Started can be armed.");
	} else {
		session->requested_scenario = scenario;
		respond_armed(ctx, session);
	}
}
