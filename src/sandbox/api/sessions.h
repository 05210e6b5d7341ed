/* The calls of the session API that all API versions share. Differences between the versions come from
 * ctx->version. Each function writes the response. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_session_create(struct request_ctx *ctx);
void serve_decision(struct request_ctx *ctx);
void serve_report(struct request_ctx *ctx);
void serve_scenario_list(struct request_ctx *ctx);
