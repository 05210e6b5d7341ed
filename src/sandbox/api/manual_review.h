/* Manual review (didit-api.md 2.4, 4.4): a reviewer sets the status of a session or of one section, sends a
 * session back to the person, or adds a comment. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_status_update(struct request_ctx *ctx);
void serve_feature_status_update(struct request_ctx *ctx);
/* Lists the reviews of a session. */
void serve_review_list(struct request_ctx *ctx);
/* Adds a comment to the reviews of a session. */
void serve_review_add(struct request_ctx *ctx);

/* Sends the response to a status update or a correction: 200 with the session's id. */
void respond_session_id(struct request_ctx *ctx, const struct sandbox_session *session);
