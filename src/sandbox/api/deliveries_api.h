/* Webhook deliveries of a destination (didit-api.md 7.1): lists deliveries, shows one, and sends one
 * again. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_delivery_list(struct request_ctx *ctx);
void serve_delivery(struct request_ctx *ctx);
/* Queues the stored body again, with the current timestamp and new signatures. */
void serve_delivery_resend(struct request_ctx *ctx);
