/* `POST /kyc/prepare`: registers an address with a tenant. Safe to repeat. A wallet is registered with its
 * proof (app/prepare_wallet), an e-mail proves itself later. */
#pragma once

#include <stdbool.h>

#include "app/caller.h"
#include "app/party.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct registration {
	struct identity who;
	struct str language; /* may be empty */
	bool proven;	     /* the proof has been judged right, in this transaction */
	/* Whom it makes, if nobody has the address; NULL: made then. Without a proof it is the first thing
	 * that the transaction does. */
	const struct newcomer *newcomer;
};

struct prepared {
	bool again; /* this tenant had prepared it before */
	struct user_id user;
	/* Of interest when it is again, or proven. */
	struct proofs proofs;
	bool kyc_approved;
	const char *kyc_status;
};

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct prepared *out) must_use;
/* The same in a transaction of its own. */
enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct registration *registration, struct prepared *out) must_use;
