/* `GET` and `POST /kyc/status`: where a person stands, for a tenant who has the person's proof. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

enum status_result {
	STATUS_RESULT_FOUND,
	STATUS_RESULT_NO_SESSION,
	STATUS_RESULT_UNKNOWN_USER,
	STATUS_RESULT_UNKNOWN_SESSION,
	STATUS_RESULT_MISMATCH, /* what was asked by is not of one person */
};

struct person_status {
	enum status_result result;
	/* STATUS_RESULT_FOUND */
	const char *word; /* "pending" … */
	bool approved;
	struct provider_ref ref;
	const char *session_status; /* the provider's spelling */
	struct str url;		    /* p == NULL: none, the session is final */
	struct str ip_info;	    /* JSON array */
	bool blocklisted;
	bool is_stale; /* open, and nothing was heard of it for 10 s: a reading is worth while */
	/* STATUS_RESULT_NO_SESSION */
	struct verified_identifiers verified;
	const char *last_code; /* what became of the last letter; NULL: none */
};

enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, struct person_status *out) must_use;
/* By the provider's id of a session of a person who is proven to this tenant. `naming`, unless NULL, must be
 * of that person by a proof given to this tenant. */
enum err app_session_status(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str ref, const struct identifier_pair *identifiers, struct person_status *out) must_use;
