/* What lets all instances ask the provider: one token, fetched by one of them while the others wait. Moments
 * are the store's clock. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

/* The longest life that is believed. */
#define TOKEN_TTL_MAX days(1)
/* When one of that life is renewed: five minutes before its end, a short one in the middle.
 * (didit-api.md 2.1)
 */
duration provider_token_renew_delay(duration life);

struct provider_token {
	char name[65];		 /* of whose it is: a keyed hash of who asks whom */
	struct str sealed_token; /* empty: none */
	int64_t serial;		 /* of the fetch it came from */
	moment renew_at, expires_at;
	struct instance_id lease_owner; /* who fetches the next one … */
	moment lease_expires_at;	/* … and is taken to be dead from then on */
};

enum token_action {
	TOKEN_USABLE,
	TOKEN_FETCH, /* it is the asker's turn to fetch one; the lease is theirs */
	TOKEN_WAIT   /* somebody does */
};

/* `refused`: the serial of one that the provider does not take any more; 0: none. The lease is for `life`. */
enum token_action provider_token_acquire(
	struct provider_token *t, const struct instance_id *who, int64_t refused, duration life, moment now);
/* Fetched, nobody's turn any more. The caller fills in what is sealed. */
void provider_token_store(struct provider_token *t, duration life, moment now);
