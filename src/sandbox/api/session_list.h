/* Serves GET /v3/sessions/, which lists sessions, newest first, with filters and paging (didit-api.md
 * 4.4). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_session_list(struct request_ctx *ctx);
