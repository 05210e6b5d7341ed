/* Calls about the account and the service, with fixed answers: the sandbox bills nothing. Each function
 * writes the response. */
#pragma once

#include "sandbox/request/request_ctx.h"

/* The credit balance, which never changes. */
void serve_balance(struct request_ctx *ctx);
/* The only organization. */
void serve_organizations(struct request_ctx *ctx);
/* The only application. Any other organization in the path is answered 404. */
void serve_applications(struct request_ctx *ctx);
/* Needs no credentials. */
void serve_health(struct request_ctx *ctx);
