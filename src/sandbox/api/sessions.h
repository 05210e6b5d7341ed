/* The session API: the calls that all versions share; what differs comes from the visit's version. Each
 * answers. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_session_create(struct request_ctx *ctx);
void serve_decision(struct request_ctx *ctx);
void serve_report(struct request_ctx *ctx);
void serve_session_delete(struct request_ctx *ctx);
/* By their numbers, or all; numbers that are none are passed over. */
void serve_session_delete_many(struct request_ctx *ctx);
void serve_scenario_list(struct request_ctx *ctx);
