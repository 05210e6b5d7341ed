/* What all instances of the program have in common before the provider: one budget of readings, and one
 * token. For threads at the same time; calls wait for the store, never for the provider. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/pace.h"
#include "domain/token.h"

/* A bearer token with its final 0. */
#define JOINT_TOKEN_SIZE 4096

struct joint_token {
	char text[JOINT_TOKEN_SIZE];
	int64_t serial; /* of the fetch it came from; from 1 */
	duration renew,
		life; /* from now on: until when it need not be renewed, and until when it serves at all */
};

struct token_wish {
	struct str account; /* whose token: texts of who asks whom */
	int64_t refused;    /* this serial is not taken any more; 0: none */
	duration limit;	    /* so long a fetch may take: then others may */
};

struct commons {
	const struct commons_ops *ops;
};

struct commons_ops {
	/* May this reading be made by the rule, with those of all instances? Then it is counted. */
	enum err (*count)(
		struct commons *commons, const struct pace_rule *rule, enum pace_call call, bool *passes);
	/* TOKEN_SERVES: in `out`. TOKEN_FETCH: fetch one, then `keep` or `give_up`. TOKEN_WAIT: ask again a
	 * little later. */
	enum err (*token)(struct commons *commons, const struct token_wish *wish, struct joint_token *out,
		enum token_turn *turn);
	/* `life` as the provider said it; the serial and both spans come back. */
	enum err (*keep)(struct commons *commons, struct str account, struct joint_token *token);
	/* None came: it is somebody else's turn. */
	void (*give_up)(struct commons *commons, struct str account);
	void (*close)(struct commons *commons);
};
