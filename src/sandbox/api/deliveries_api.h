/* GET …/destinations/{id}/deliveries/, one of them, and POST …/resend/ (didit-api.md 7.1). */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_delivery_list(struct request_ctx *ctx);
void serve_delivery(struct request_ctx *ctx);
/* The stored body with a fresh timestamp, signed anew, as one more event of the queue. */
void serve_delivery_resend(struct request_ctx *ctx);
