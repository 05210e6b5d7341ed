/* The client-credentials token of Didit v1 (didit-api.md 2.1): fetched by one caller while the others wait
 * (each within his own deadline), kept until five minutes before it expires, renewed at once when the
 * provider refuses it. Several instances have one together (port/shared_state.h): one of them fetches, the
 * others take what it got. Threads at the same time. Times are monotonic milliseconds. */
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

void token_wipe(struct token *token);

struct token_conf {
	struct str auth_url; /* without a slash at the end; "/auth/v2/token/" is added */
	struct str client_id, client_secret;
	struct https_client *https; /* outlives the source, and so does the clock */
	struct clock *clock;
	struct shared_state
		*shared_state; /* outlives it too: one instance fetches for all. NULL: this is the only one */
};

/* Texts are copied. ERR_INPUT: empty, or a client id with a colon (RFC 7617 section 2). */
enum err token_open(const struct token_conf *conf, struct token_source **out) must_use;
/* Wipes what it knows. Accepts NULL. */
void token_close(struct token_source *source);

/* ERR_UPSTREAM or ERR_INTERNAL with `*cause`; ERR_BUSY with it when nothing was asked for this caller:
 * another one's fetch failed or took too long, or the provider wants to hear nothing. */
enum err token_get(struct token_source *source, int64_t deadline, struct token *token,
	enum provider_cause *cause) must_use;
/* For how long from now the provider wants to hear nothing (a 429 with `Retry-After`); 0: it did not say. */
duration token_retry_after(struct token_source *source);
/* The provider answered 401 to it: the next token_get fetches a new one, unless somebody did already. */
void token_refused(struct token_source *source, const struct token *token);
