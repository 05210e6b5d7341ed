/* Reads the e-mail and wallet parameters of requests; the values of `kyc_status` in responses. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/linked_users.h"
#include "crypto/wallet.h"

/* Parses the parameter `wallet` of a request that has other parameters, too. False: it is malformed, and
 * `reply` is a 400 with the reason. */
bool read_wallet_param(struct call *call, struct str text, struct wallet *out, struct reply *reply);

/* Converts the parameters `email` and `wallet` to identifiers; the result has one, both or none, depending on
 * which are present. False: `reply` is the error (a malformed wallet, or out of memory). */
bool read_identifiers(struct call *call, struct str email, struct str wallet, struct identifier_pair *out,
	struct reply *reply);

/* The values and the documentation of `kyc_status` in responses. */
value_list kyc_status_values;
#define DOC_KYC_STATUS "Status of the person's identity check. `pending` before the first session, too."
