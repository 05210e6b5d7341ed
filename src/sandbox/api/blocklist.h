/* The block list under /v3/blocklist/ (didit-api.md 4.4): adds items of a session, removes them and lists
 * them. The list does not influence verifications, whose outcome the person chooses, as in Didit's own
 * sandbox. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_blocklist_add(struct request_ctx *ctx);
void serve_blocklist_remove(struct request_ctx *ctx);
void serve_blocklist_items(struct request_ctx *ctx);
