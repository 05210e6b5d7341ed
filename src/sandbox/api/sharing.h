/* Reuse between partners (didit-api.md 4.4): a finished session is shared by a token that lives for an hour,
 * and imported once as a session of its own. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_share(struct request_ctx *ctx);
void serve_import(struct request_ctx *ctx);
