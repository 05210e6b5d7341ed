/* GET /v3/sessions/: the newest first, filtered, a page at a time (didit-api.md 4.4). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_session_list(struct request_ctx *ctx);
