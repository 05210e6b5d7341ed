/* Verification links for the API of tenants: creates, reads and revokes them. */
#pragma once

#include "app/core/caller.h"
#include "app/person/person.h"
#include "app/verification/link_status.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/verification_link.h"
#include "port/store.h"
#include "port/world.h"

struct verification_link_params {
	struct identifier suggestion;		    /* normal.n is 0: none */
	struct str reference, language, return_url; /* may be empty */
	duration life;				    /* valid by verification_link_life_is_valid */
	bool send;				    /* send the link to the suggestion, which is an e-mail */
};

enum verification_create_verdict {
	VERIFICATION_LINK_CREATED,
	VERIFICATION_LINK_URL_REFUSED, /* see `url_fault` */
	VERIFICATION_LINK_MAIL_DOWN,   /* for `send`: nothing was stored */
	VERIFICATION_LINK_LIMITED,     /* for `send`: nothing was stored; try again after `wait` */
};

struct verification_create_result {
	enum verification_create_verdict verdict;
	struct verification_link_id id;
	struct str url; /* with the token; in the arena */
	moment expires_at;
	duration wait;
	bool limited_by_ip;
	/* What the return URL must be instead, worded to follow "must be " (net/url_check.h). It is judged as
	 * a tenant's. */
	const char *url_fault;
};

enum err verification_link_create(const struct world *world, struct arena *a, const struct caller *caller,
	const struct verification_link_params *params, struct verification_create_result *out) must_use;

/* Returns ERR_NOT_FOUND if the tenant has no such link. */
enum err verification_link_get(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct verification_link_id *id, struct verification_link_status *out) must_use;
/* Revokes the link. Changes nothing if it is revoked already. ERR_NOT_FOUND: as verification_link_get. */
enum err verification_link_revoke(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct verification_link_id *id) must_use;
