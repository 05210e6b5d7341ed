/* Decisions by hand (didit-api.md 2.4, 4.4): of a whole session, which may also be sent back to the person,
 * and of one section. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_status_update(struct request_ctx *ctx);
void serve_feature_status_update(struct request_ctx *ctx);
/* Notes on a session: its reviews, and one more. */
void serve_review_list(struct request_ctx *ctx);
void serve_review_add(struct request_ctx *ctx);

/* What a decision by hand answers. */
void respond_session_id(struct request_ctx *ctx, const struct sandbox_session *session);
