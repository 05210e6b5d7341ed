/* Addresses as bodies and queries name them. */
#pragma once

#include <stdbool.h>

#include "api/dispatch.h"
#include "app/person/linked_users.h"
#include "crypto/wallet.h"

/* A wallet that is a parameter beside others. False: `reply` says what is wrong with it. */
bool read_wallet_param(struct call *call, struct str text, struct wallet *out, struct reply *reply);

/* An e-mail, a wallet or both, empty where it was not given; with neither, nobody is named. False: `reply`
 * says what is wrong with the wallet. */
bool read_identifiers(struct call *call, struct str email, struct str wallet, struct identifier_pair *out,
	struct reply *reply);
