/* The session API: the calls that all versions share; what differs comes from the visit's version. Each
 * answers. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_create(struct request_ctx *ctx);
void serve_decision(struct request_ctx *ctx);
void serve_report(struct request_ctx *ctx);
void serve_delete(struct request_ctx *ctx);
/* By their numbers, or all; numbers that are none are passed over. */
void serve_delete_many(struct request_ctx *ctx);
void serve_catalogue(struct request_ctx *ctx);
