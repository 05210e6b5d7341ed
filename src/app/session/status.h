/* `GET` and `POST /kyc/status`: the KYC status of a person, for a tenant to which the person has verified an
 * address. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "app/person/next_step.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

enum status_result {
	STATUS_RESULT_FOUND,
	STATUS_RESULT_NO_SESSION,
	STATUS_RESULT_UNKNOWN_USER,
	STATUS_RESULT_UNKNOWN_SESSION,
	STATUS_RESULT_MISMATCH, /* the addresses or the session are not known to belong to one person */
};

struct person_status {
	enum status_result result;
	/* For next_step_load(); set for STATUS_RESULT_FOUND and STATUS_RESULT_NO_SESSION. */
	struct next_step_source source;
	/* An enrolment of the person, verified if source.is_verified; set with `source`. */
	struct enrolment enrolment;
	/* The following fields are set for STATUS_RESULT_FOUND. */
	const char *status_name; /* the API's status, for example "pending" */
	bool approved;
	struct provider_ref ref;
	const char *session_status; /* the provider's spelling */
	struct str url;	    /* the link to the session; p == NULL for a final session, which has none */
	struct str ip_info; /* a JSON array; empty if another tenant requested the session */
	bool blocklisted;
	bool is_stale; /* the session is open and was not updated for 10 s, so it should be polled */
	/* The following fields are set for STATUS_RESULT_NO_SESSION. */
	struct verified_identifiers verified;
	const char *last_code; /* state of the last e-mail with a code; NULL: there was none */
};

/* Returns the status of the person with this address, or with these two addresses. */
enum err app_address_status(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct identifier_pair *identifiers, struct person_status *out) must_use;
/* Returns the status of the session with this id of the provider, if its person has verified an address to
 * this tenant. If `identifiers` is not NULL, they must be verified addresses of the same person. */
enum err app_session_status(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str ref, const struct identifier_pair *identifiers, struct person_status *out) must_use;

/* Returns whether the session is open and was not updated for 10 s, so that a caller who waits for its result
 * has it polled (app/session/poll_queue). */
bool session_is_stale(const struct world *world, const struct session *session);
