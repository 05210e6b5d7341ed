/* Authentication: access tokens for v1 (didit-api.md 2.1) and API keys for v2 and v3. The sandbox has one
 * application, with client id, client secret and API key `sandbox` (interface.md 4). */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

#define ACCESS_TOKEN_LIFETIME hours(24)

/* POST /auth/v2/token/: issues an access token for v1. */
void serve_token(struct request_ctx *ctx);

/* The require_ functions return true if the request has the credentials. Otherwise they write the error
 * response and return false. */

/* A valid access token in `Authorization: Bearer`, otherwise 401. */
bool require_access_token(struct request_ctx *ctx);
/* The API key in `x-api-key`: 403 if it is missing, 401 if it is wrong (didit-api.md 4.1). */
bool require_api_key(struct request_ctx *ctx);
/* The API key, an access token or the token of a session, otherwise 401. Used for the list of scenarios. */
bool require_any_credentials(struct request_ctx *ctx);
