/* Authentication with access tokens for v1 (didit-api.md 2.1) and with API keys for v2 and v3. The sandbox
 * has one application, whose client id, client secret and API key are all `sandbox` (interface.md 4). */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

#define ACCESS_TOKEN_LIFETIME hours(24)

/* Serves POST /auth/v2/token/, which issues access tokens for v1. */
void serve_token(struct request_ctx *ctx);

/* The require_ functions return true if the request has the required credentials. Otherwise they write the
 * error response and return false. */

/* Requires a valid access token in `Authorization: Bearer`. The error response is a 401. */
bool require_access_token(struct request_ctx *ctx);
/* Requires the API key in `x-api-key`, or a valid access token in `Authorization: Bearer` if there is no
 * x-api-key. The response is a 401 if the API key is wrong and a 403 otherwise (didit-api.md
 * 4.1). */
bool require_api_key(struct request_ctx *ctx);
/* Requires the API key, an access token or the token of a session. The error response is a 401. Used for the
 * list of scenarios. */
bool require_any_credentials(struct request_ctx *ctx);
