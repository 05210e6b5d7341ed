/* Didit, v1, v2 or v3 (didit-api.md 2, 3, 4): port/provider.h over HTTPS. Nothing is asked twice, except once
 * more after a 401 with a fresh token; token, question and second question share one time limit. Secrets are
 * wiped at the end. */
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

/* Texts are copied; the clock (of which only the ticks are used) outlives the provider. */
struct didit_conf {
	struct str version;			   /* "v1" */
	struct str base_url;			   /* a slash at the end is cut */
	struct str auth_url;			   /* v1; the same */
	struct str client_id, client_secret;	   /* v1 */
	struct str api_key;			   /* v2, v3 */
	struct str secrets[DIDIT_SECRETS_MAX];	   /* of events; two while rotating */
	size_t n_secrets;			   /* 0: events are not taken */
	struct str session_hosts[DIDIT_HOSTS_MAX]; /* "host" or "host:port" */
	size_t n_session_hosts;
	duration limit;	    /* KYCD_DIDIT_TIMEOUT: a whole create */
	bool allow_private; /* KYCD_ALLOW_WEAK: plain http to private addresses */
	bool sandbox;	    /* the built-in one: its pages may be plain http in private places */
	struct clock *clock;
	struct shared_state *shared_state; /* v1: instances that have one token; NULL: this is the only one */
};

/* ERR_INPUT: a URL that may not be called, an unknown version, an empty id, secret, key or host, or too many
 * of them. What belongs to another version is ignored. */
enum err didit_provider_open(const struct didit_conf *conf, struct provider **out) must_use;
/* From now on events are signed with these; while calls are under way. On failure the old ones stay. */
enum err didit_provider_set_secrets(struct provider *provider, const struct str *secrets, size_t n) must_use;
