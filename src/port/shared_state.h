/* What all instances of the program have in common before the provider: one budget of readings, and one
 * token. For threads at the same time; calls wait for the store, never for the provider. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/provider_token.h"
#include "domain/throttle.h"

/* A bearer token with its final 0. */
#define SHARED_TOKEN_SIZE 4096

struct shared_token {
	char text[SHARED_TOKEN_SIZE];
	int64_t serial; /* of the fetch it came from; from 1 */
	duration renew,
		life; /* from now on: until when it need not be renewed, and until when it serves at all */
};

struct token_request {
	struct str account; /* whose token: texts of who asks whom */
	int64_t refused;    /* this serial is not taken any more; 0: none */
	duration limit;	    /* so long a fetch may take: then others may */
};

struct shared_state {
	const struct shared_state_ops *ops;
};

struct shared_state_ops {
	/* May this reading be made by the rule, with those of all instances? Then it is counted. */
	enum err (*count_poll)(struct shared_state *shared_state, const struct throttle_limits *limits,
		enum throttle_call call, bool *passes);
	/* TOKEN_USABLE: in `out`. TOKEN_FETCH: fetch one, then `keep` or `give_up`. TOKEN_WAIT: ask again a
	 * little later. */
	enum err (*get_token)(struct shared_state *shared_state, const struct token_request *request,
		struct shared_token *out, enum token_action *action);
	/* `life` as the provider said it; the serial and both spans come back. */
	enum err (*store_token)(
		struct shared_state *shared_state, struct str account, struct shared_token *token);
	/* None came: it is somebody else's turn. */
	void (*release_token)(struct shared_state *shared_state, struct str account);
	void (*close)(struct shared_state *shared_state);
};
