/* Calls about the account and the service, with fixed answers: the sandbox bills nothing. Each function
 * writes the response. */
#pragma once

#include "sandbox/request/request_ctx.h"

/* The credit balance, which never changes. */
void serve_balance(struct request_ctx *ctx);
/* Needs no credentials. */
void serve_health(struct request_ctx *ctx);
