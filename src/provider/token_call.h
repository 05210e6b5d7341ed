/* Requests one OAuth 2.0 client-credentials token from Didit v1 (didit-api.md 2.1). Thread-safe. Caching is
 * the task of provider/token_source. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"
#include "port/shared_state.h"

struct https_client;

/* Size of a bearer token with its terminating NUL. */
#define TOKEN_SIZE SHARED_TOKEN_SIZE

struct token {
	char text[TOKEN_SIZE];
	uint64_t serial; /* number of the request that returned it */
};

struct token_call {
	struct https_client *https;
	struct str url, authorization;
};

/* token_fetch() does not set token.serial; token_source does. */
struct token_response {
	struct token token;
	/* Until the token should be renewed and until it expires, both counted from the request. 0: the
	 * response does not say; such a token is used once and not cached. */
	duration renew, life;
	duration hold; /* Retry-After of the response; 0: none */
	struct provider_failure failure;
};

/* Sends the request. Returns OK, ERR_UPSTREAM, ERR_BUSY or ERR_INTERNAL; always sets found->failure. */
enum err token_fetch(const struct token_call *call, duration limit, struct token_response *found) must_use;
