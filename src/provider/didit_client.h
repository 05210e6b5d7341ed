/* One question to Didit and its answer, whatever the version: who we are (a token or a key), one time limit
 * for all of it, what the answer means. Nothing is asked twice, except once more after a 401 with a fresh
 * token. All that goes to Didit's API goes through here, tokens aside. Threads at the same time. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/provider.h"
#include "text/json.h"

struct clock;
struct didit_client;
struct token_source;

/* Texts are copied; what is pointed at outlives the line. */
struct didit_client_conf {
	struct str base_url;	     /* a slash at the end is cut */
	struct str api_key;	     /* x-api-key; empty: */
	struct token_source *tokens; /* a bearer token */
	struct https_client *https;
	struct clock *clock;
};

struct didit_request {
	const char *method;
	struct str path;  /* below the base, with its query */
	struct str body;  /* JSON; p == NULL: none */
	int64_t deadline; /* ticks */
	int status;	  /* of the answer; 0: none came */
};

/* ERR_INPUT: a key that no header can hold. */
enum err didit_client_open(const struct didit_client_conf *conf, struct didit_client **out) must_use;
/* Wipes the key. Accepts NULL. */
void didit_client_close(struct didit_client *client);
int64_t didit_client_ticks(const struct didit_client *client);
/* For how long the last 429, the token host's too, wanted us to be silent (`Retry-After`); 0: it did not say.
 */
duration didit_client_retry_after(struct didit_client *client);

/* OK: an answer of 2xx that is JSON; the caller closes it and may still refuse it. Else ERR_UPSTREAM,
 * ERR_BUSY or ERR_INTERNAL with `*cause`. All memory is the arena's. */
enum err didit_client_call(struct didit_client *client, struct didit_request *x, struct arena *own,
	const struct json_value **answer, enum provider_cause *cause) must_use;
