/* The provider's access token, which all instances share: one instance fetches it, the others wait for it.
 * Moments are by the store's clock. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

/* Longest lifetime of a token. A longer one stated by the provider is shortened to it. */
#define TOKEN_TTL_MAX days(1)
/* Returns the age at which a token with lifetime `ttl` is renewed: five minutes before it expires, but not
 * before half of its lifetime (didit-api.md 2.1). */
duration provider_token_renew_delay(duration ttl);

struct provider_token {
	char name[65];		 /* a keyed hash of the provider's address and the credentials */
	struct str sealed_token; /* empty: no token */
	int64_t serial;		 /* number of fetches so far */
	moment renew_at, expires_at;
	struct instance_id lease_owner; /* the instance that fetches the next token */
	moment lease_expires_at;	/* from this moment on another instance may fetch the token */
};

enum token_action {
	TOKEN_USABLE,
	TOKEN_FETCH, /* the calling instance has the lease and must fetch a token */
	TOKEN_WAIT   /* another instance is fetching one */
};

/* Decides what the instance must do to get a token. `refused_serial` is the serial of a token that the
 * provider no longer accepts, or 0. With TOKEN_FETCH, the instance gets the lease for `lease_ttl`. */
enum token_action provider_token_acquire(struct provider_token *t, const struct instance_id *instance,
	int64_t refused_serial, duration lease_ttl, moment now);
/* Records a fetched token and ends the lease. The caller sets sealed_token. */
void provider_token_store(struct provider_token *t, duration ttl, moment now);
