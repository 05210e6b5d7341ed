/* `POST /kyc/prepare`: registers an address with a tenant. Safe to repeat. */
#pragma once

#include <stdbool.h>

#include "app/caller.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct prepared {
	bool again; /* this tenant had prepared it before; the rest is only then of interest */
	bool email_verified, kyc_approved;
	const char *kyc_status;
};

/* `email` is normalised; `language` may be empty. */
enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller, struct str email,
	struct str language, struct prepared *out) must_use;
