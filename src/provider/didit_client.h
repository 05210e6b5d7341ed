/* Sends requests to Didit's API, for all of its versions: adds the authentication (an API key or a bearer
 * token), enforces one deadline for the whole call, and classifies the response. A request is sent only once,
 * except that after a 401 it is sent a second time with a new token. Every request to Didit except those for
 * tokens goes through this module. Thread-safe. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/provider.h"
#include "provider/call_result.h"
#include "text/json.h"

struct clock;
struct didit_client;
struct token_source;

/* The configuration of a client. didit_client_open() copies the strings; `tokens`, `https` and `clock` must
 * outlive the client. */
struct didit_client_conf {
	struct str base_url;	     /* a trailing slash is removed */
	struct str api_key;	     /* sent in the header x-api-key; if empty, bearer tokens are used */
	struct token_source *tokens; /* source of the bearer tokens; not used with an API key */
	struct https_client *https;
	struct clock *clock;
};

struct didit_request {
	enum provider_call call; /* for failure->call */
	const char *method;
	struct str path;  /* appended to base_url; may contain a query */
	struct str body;  /* JSON; p == NULL: the request has no body */
	int64_t deadline; /* monotonic ms, as didit_client_ticks() */
	int status;	  /* output: HTTP status of a complete response, otherwise 0 */
};

/* Returns ERR_INPUT if the API key contains characters that are not allowed in an HTTP header. */
enum err didit_client_open(const struct didit_client_conf *conf, struct didit_client **out) must_use;
/* Wipes the API key. Accepts NULL. */
void didit_client_close(struct didit_client *client);
/* Returns the monotonic time of the client's clock in ms. */
int64_t didit_client_ticks(const struct didit_client *client);
/* Returns the Retry-After of the latest 429 response of Didit's API or token server, or 0 if it had none. */
duration didit_client_retry_after(struct didit_client *client);

/* Sends the request `x`. Returns OK for a 2xx response with a JSON object in `*answer`, which the caller
 * checks further and must free. Otherwise returns ERR_UPSTREAM, ERR_BUSY or ERR_INTERNAL and sets `failure`.
 * Everything but `*answer` is allocated in `own`. */
enum err didit_client_call(struct didit_client *client, struct didit_request *x, struct arena *own,
	const struct json_value **answer, struct provider_failure *failure) must_use;
