/* E-mail and wallet parameters of a request, and the values that describe a person in responses. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/linked_users.h"
#include "crypto/wallet.h"

/* A wallet that is one parameter among others. False: `reply` is the 400 that says what is wrong with it. */
bool read_wallet_param(struct call *call, struct str text, struct wallet *out, struct reply *reply);

/* An e-mail, a wallet or both; empty where the parameter is absent. False: `reply` says what is wrong with
 * the wallet. */
bool read_identifiers(struct call *call, struct str email, struct str wallet, struct identifier_pair *out,
	struct reply *reply);

/* For schemas: the values of `kyc_status`. */
value_list kyc_status_values;
#define DOC_KYC_STATUS "Status of the person's identity check. `pending` before the first session, too."
