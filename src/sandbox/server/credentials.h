/* Who may call: v1's client tokens (didit-api.md 2.1) for the one application that there is, with client id,
 * secret and API key `sandbox` (interface.md 4). */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"

#define ACCESS_TOKEN_LIFETIME hours(24)

/* POST /auth/v2/token/ */
void serve_token(struct request_ctx *ctx);
/* `Authorization: Bearer` with a token in force; otherwise answers 401 and gives false. */
bool require_access_token(struct request_ctx *ctx);
/* `x-api-key`, for v2 and v3: otherwise answers 403 when it is missing, 401 when it is wrong (didit-api.md
 * 4.1), and gives false. */
bool require_api_key(struct request_ctx *ctx);
/* For the catalogue: the API key, a client token or a session's token. */
bool require_any_credentials(struct request_ctx *ctx);
