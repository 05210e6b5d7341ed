/* `POST /kyc/prepare`: registers an address with a tenant (an enrolment). Safe to repeat. A wallet is
 * registered after its signature was checked (app/enrolment/prepare_wallet); an e-mail is verified later. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct prepare_params {
	struct identifier identifier;
	struct str language; /* may be empty */
	bool is_verified;    /* the caller checked in this transaction that the address is verified */
	/* The user to add if the address is unknown in the group; NULL: one is created when needed. If it is
	 * set and is_verified is not, app_prepare must be the first call in the transaction
	 * (store_insert_new_user). */
	const struct new_user *new_user;
};

struct prepare_result {
	bool already_prepared; /* this tenant had prepared it before */
	struct user_id user;
	/* Without a verified address, nothing is verified or approved, and the status is "pending". */
	struct verified_identifiers verified;
	bool kyc_approved;
	const char *kyc_status;
};

/* Registers the address in the caller's transaction. */
enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
/* Registers an e-mail in a transaction of its own; creates the new user before it. */
enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
