/* Caches the client-credentials token of Didit v1 (didit-api.md 2.1). One thread fetches it while the others
 * wait, each until its own deadline. The token is used until shortly before it expires
 * (domain/provider_token), and replaced at once if the provider rejects it. Instances that share a database
 * share the token as well (port/shared_state.h): one of them fetches it, the others read it from the
 * database. Thread-safe. Times are monotonic milliseconds. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "port/provider.h"
#include "port/world.h"
#include "provider/token_call.h"

struct shared_state;
struct https_client;
struct token_source;

/* Overwrites the token with zeros. */
void token_wipe(struct token *token);

struct token_conf {
	struct str auth_url; /* token server's URL without a trailing slash; "/auth/v2/token/" is appended */
	struct str client_id, client_secret;
	struct https_client *https;
	struct clock *clock;
	struct shared_state *shared_state; /* NULL if this is the only instance */
};

/* Opens a token source. Copies the strings; `https`, `clock` and `shared_state` must outlive the source.
 * Returns ERR_INPUT for an empty string or a client id that contains a colon (RFC 7617 section 2). */
enum err token_open(const struct token_conf *conf, struct token_source **out) must_use;
/* Wipes the secrets. Accepts NULL. */
void token_close(struct token_source *source);

/* Copies a usable token to `token`. On failure sets `failure` and returns ERR_UPSTREAM or ERR_INTERNAL.
 * Returns ERR_BUSY if the failed call sent no request of its own: a Retry-After period has not ended, or the
 * fetch of another thread or instance failed or took too long. */
enum err token_get(struct token_source *source, int64_t deadline, struct token *token,
	struct provider_failure *failure) must_use;
/* Returns the time until the latest Retry-After period of the token server ends, or 0 if it has ended. */
duration token_retry_after(struct token_source *source);
/* Reports that the provider rejected `token` with 401. The next token_get() fetches a new token, unless
 * another thread has already done so. */
void token_refused(struct token_source *source, const struct token *token);
