/* State that all instances share for their calls to the provider: a budget of polls, and an access token.
 * Thread-safe. Calls wait for the store, never for the provider. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/provider_token.h"
#include "domain/throttle.h"

/* Largest size of a bearer token, including the terminating 0. */
#define SHARED_TOKEN_SIZE 4096

struct shared_token {
	char text[SHARED_TOKEN_SIZE];
	int64_t serial; /* number of the fetch that the token came from, starting at 1 */
	duration renew; /* time from now until it should be renewed */
	duration ttl;	/* time from now until it expires */
};

struct token_request {
	struct str account; /* identifies the token: the provider's address and the credentials */
	int64_t refused;    /* serial of a token that the provider no longer accepts; 0: none */
	duration limit;	    /* time limit of a fetch; after it, another instance may fetch */
};

struct shared_state {
	const struct shared_state_ops *ops;
};

struct shared_state_ops {
	/* Counts the poll in the budget of all instances and sets `passes` to true. If the poll exceeds the
	 * limits, counts nothing and sets `passes` to false. */
	enum err (*count_poll)(struct shared_state *shared_state, const struct throttle_limits *limits,
		enum throttle_call call, bool *passes);
	/* Sets `action`. TOKEN_USABLE: the token is in `out`. TOKEN_FETCH: the caller must fetch a token,
	 * then call store_token or release_token. TOKEN_WAIT: the caller must call again a little later. */
	enum err (*get_token)(struct shared_state *shared_state, const struct token_request *request,
		struct shared_token *out, enum token_action *action);
	/* Stores a fetched token. The caller sets `token->ttl` to the lifetime that the provider stated. On
	 * return the serial, `renew` and `ttl` of the token are set. */
	enum err (*store_token)(
		struct shared_state *shared_state, struct str account, struct shared_token *token);
	/* Ends this instance's lease although it has no new token, so that another instance may fetch one. */
	void (*release_token)(struct shared_state *shared_state, struct str account);
	void (*close)(struct shared_state *shared_state);
};
