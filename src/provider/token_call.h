/* Requests one OAuth 2.0 client-credentials token from Didit v1 (didit-api.md 2.1). Does not cache it;
 * provider/token_source does. Thread-safe. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"
#include "port/shared_state.h"

struct https_client;

/* Size in bytes of a bearer token with its terminating NUL. */
#define TOKEN_SIZE SHARED_TOKEN_SIZE

struct token {
	char text[TOKEN_SIZE];
	uint64_t serial; /* sequence number of the fetch that returned the token */
};

struct token_call {
	struct https_client *https;
	struct str url, authorization;
};

/* The result of token_fetch(), which sets all members except token.serial. provider/token_source sets that
 * member. */
struct token_response {
	struct token token;
	/* Times from the request until the token should be renewed and until it expires. Both are 0 if the
	 * response has no lifetime; such a token is used once and not cached. */
	duration renew, life;
	duration hold; /* Retry-After of the response; 0 if it has none */
	struct provider_failure failure;
};

/* Requests a token. Returns OK, ERR_UPSTREAM, ERR_BUSY or ERR_INTERNAL. Always sets found->failure. */
enum err token_fetch(const struct token_call *call, duration limit, struct token_response *found) must_use;
