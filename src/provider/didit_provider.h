/* Implements port/provider.h with Didit's HTTPS API v1, v2 or v3 (didit-api.md 2, 3, 4). A request is sent
 * only once, except that a 401 is repeated once with a new token; fetching the token and both requests share
 * one time limit. Closing the provider wipes its secrets. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"

struct clock;
struct shared_state;

#define DIDIT_SECRETS_MAX 2 /* PROVIDER_WEBHOOK_SECRETS_MAX */
#define DIDIT_HOSTS_MAX 16

/* didit_provider_open() copies the strings. `clock` (only its monotonic time is used) and `shared_state` must
 * outlive the provider. */
struct didit_conf {
	struct str version;			   /* "v1" */
	struct str base_url;			   /* a trailing slash is removed */
	struct str auth_url;			   /* v1: token server; a trailing slash is removed */
	struct str client_id, client_secret;	   /* v1 */
	struct str api_key;			   /* v2, v3 */
	struct str secrets[DIDIT_SECRETS_MAX];	   /* webhook secrets; two while one replaces the other */
	size_t n_secrets;			   /* 0: every webhook event is rejected */
	struct str session_hosts[DIDIT_HOSTS_MAX]; /* allowed in session URLs: "host" or "host:port" */
	size_t n_session_hosts;
	duration limit;	    /* KYCD_DIDIT_TIMEOUT: for a whole create call */
	bool allow_private; /* KYCD_ALLOW_WEAK: http:// is allowed to private addresses */
	bool sandbox; /* the built-in sandbox is used: its session URLs may be http:// to private addresses */
	struct clock *clock;
	struct shared_state
		*shared_state; /* v1: instances share one token; NULL: this is the only instance */
};

/* Returns ERR_INPUT for a URL that is not allowed, an unknown version, an empty client id, secret, key or
 * host, or too many secrets or hosts. Values that the chosen version does not use are ignored. */
enum err didit_provider_open(const struct didit_conf *conf, struct provider **out) must_use;
/* Replaces the webhook secrets; safe while other calls run. On failure the old secrets stay in use.
 * `provider` must come from didit_provider_open(). */
enum err didit_provider_set_secrets(struct provider *provider, const struct str *secrets, size_t n) must_use;
