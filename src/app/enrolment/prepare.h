/* `POST /kyc/prepare`: registers an address with a tenant (an enrolment). The request can be repeated safely.
 * A wallet is registered after its signature was checked (app/enrolment/prepare_wallet); an e-mail is
 * verified later. */
#pragma once

#include <stdbool.h>

#include "app/core/caller.h"
#include "app/person/linked_users.h"
#include "app/person/next_step.h"
#include "app/person/person_ids.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

/* The rows of a new user that contain the reference. They are sealed before the transaction, like the rows of
 * struct new_user. */
struct prepare_draft {
	struct enrolment enrolment;
	struct event event;
};

struct prepare_params {
	struct identifier identifier;
	struct str language; /* may be empty */
	bool is_verified; /* true: the caller has checked in this transaction that the address is verified */
	/* The user to add if the address is unknown in the group. If NULL, a user is created when one is
	 * needed. If it is set and is_verified is false, app_prepare must be the first call in the
	 * transaction (see store_insert_new_user). */
	const struct new_user *new_user;
	struct str reference; /* the tenant's own id of the person; empty: the call has none */
	/* The sealed rows of new_user; NULL: the call has no reference. */
	const struct prepare_draft *draft;
	bool with_next_step; /* true: the result's next_step is wanted */
	bool with_ids;	     /* true: the result's ids are wanted */
};

struct prepare_result {
	bool already_prepared; /* the tenant had prepared the address before */
	struct user_id user;
	/* If the tenant has no verified address, `verified` and `kyc_approved` are false and the status is
	 * "pending". */
	struct verified_identifiers verified;
	bool kyc_approved;
	const char *kyc_status;
	struct next_step next_step; /* set if with_next_step */
	struct person_ids ids;	    /* set if with_ids */
};

/* Registers the address in the caller's transaction. */
enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
/* Registers an e-mail in a transaction of its own. The new user is created before the transaction. */
enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
