/* /v3/blocklist/: what of a session is on the block list (didit-api.md 4.4). It is a list and no more: how a
 * check ends is chosen, here as in Didit's own sandbox. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_blocklist_add(struct request_ctx *ctx);
void serve_blocklist_remove(struct request_ctx *ctx);
void serve_blocklist_items(struct request_ctx *ctx);
