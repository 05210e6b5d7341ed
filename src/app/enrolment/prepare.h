/* `POST /kyc/prepare`: registers an address with a tenant. Safe to repeat. A wallet is registered with its
 * proof (app/enrolment/prepare_wallet), an e-mail proves itself later. */
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
	bool is_verified;    /* the proof has been judged right, in this transaction */
	/* Whom it makes, if nobody has the address; NULL: made then. Without a proof it is the first thing
	 * that the transaction does. */
	const struct new_user *new_user;
};

struct prepare_result {
	bool already_prepared; /* this tenant had prepared it before */
	struct user_id user;
	/* Of interest when it is again, or proven. */
	struct verified_identifiers verified;
	bool kyc_approved;
	const char *kyc_status;
};

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
/* The same in a transaction of its own. */
enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out) must_use;
