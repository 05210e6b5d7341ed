/* Shares sessions between partners (didit-api.md 4.4). Sharing a finished session creates a token that is
 * valid for one hour. With the token, the session can be imported once, as a new session. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_share(struct request_ctx *ctx);
void serve_import(struct request_ctx *ctx);
