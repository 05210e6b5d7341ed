/* One question for a client-credentials token (didit-api.md 2.1). */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"
#include "port/shared_state.h"

struct https_client;

/* A bearer token with its final 0. */
#define TOKEN_SIZE SHARED_TOKEN_SIZE

struct token {
	char text[TOKEN_SIZE];
	uint64_t serial; /* of the fetch it came from */
};

struct token_call {
	struct https_client *https;
	struct str url, authorization;
};

/* What came of one question. The serial is 0 where nobody else knows of it. */
struct token_response {
	struct token token;
	/* From when it was asked for. 0: it does not say; such a token serves whom it was fetched for, and is
	 * not kept. */
	duration renew, life;
	duration hold; /* for how long it wants to hear nothing */
	enum provider_cause cause;
};

/* ERR_UPSTREAM, ERR_BUSY or ERR_INTERNAL, with the cause. */
enum err token_fetch(const struct token_call *call, duration limit, struct token_response *found) must_use;
