/* Implements port/provider.h with Didit's HTTPS API v1, v2 or v3 (didit-api.md 2, 3, 4). A request is sent
 * only once, except that after a 401 it is sent a second time with a new token; fetching the token and both
 * requests share one time limit. Closing the provider wipes its secrets. Thread-safe. */
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

/* The configuration of the provider. didit_provider_open() copies the strings. `clock` and `shared_state`
 * must outlive the provider; only the monotonic time of `clock` is used. */
struct didit_conf {
	struct str version;  /* "v1" */
	struct str base_url; /* a trailing slash is removed */
	/* Only v1: URL of the token server; a trailing slash is removed. */
	struct str auth_url;
	struct str client_id, client_secret;   /* v1 */
	struct str api_key;		       /* v2, v3 */
	struct str secrets[DIDIT_SECRETS_MAX]; /* webhook secrets; two during a change of the secret */
	size_t n_secrets;		       /* with 0, every webhook event is rejected */
	/* Hosts that session URLs may have: "host" or "host:port". */
	struct str session_hosts[DIDIT_HOSTS_MAX];
	size_t n_session_hosts;
	duration limit;	    /* time limit of a whole create call (KYCD_DIDIT_TIMEOUT) */
	bool allow_private; /* allow http:// to private addresses (KYCD_ALLOW_WEAK) */
	/* True if the built-in sandbox is the provider. Its session URLs may be http:// to private
	 * addresses. */
	bool sandbox;
	struct clock *clock;
	struct shared_state
		/* Only v1: instances share one token through it. NULL if this is the only instance. */
		*shared_state;
};

/* Returns ERR_INPUT for a URL that is not allowed, an unknown version, an empty client id, secret, key or
 * host, or too many secrets or hosts. Values that the chosen version does not use are ignored. */
enum err didit_provider_open(const struct didit_conf *conf, struct provider **out) must_use;
/* Replaces the webhook secrets, also while other calls run. On failure the old secrets stay in use.
 * `provider` must come from didit_provider_open(). */
enum err didit_provider_set_secrets(struct provider *provider, const struct str *secrets, size_t n) must_use;
