/* Reads the e-mail and wallet parameters of requests, and lists the values of `kyc_status` in responses. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/linked_users.h"
#include "crypto/wallet.h"

/* Parses the parameter `wallet` of a request that also has other parameters. If it is malformed, returns
 * false and sets `reply` to a 400 that contains the reason. */
bool read_wallet_param(struct call *call, struct str text, struct wallet *out, struct reply *reply);

/* Converts the parameters `email` and `wallet` to identifiers. `out` gets one, both or none of them,
 * depending on which are present. If the wallet is malformed or memory is short, returns false and sets
 * `reply` to the error response. */
bool read_identifiers(struct call *call, struct str email, struct str wallet, struct identifier_pair *out,
	struct reply *reply);

/* The values and the documentation of `kyc_status` in responses. */
value_list kyc_status_values;
/* The values of `session_status`: the statuses of a session in the provider's words. */
value_list session_status_values;
#define DOC_KYC_STATUS "Status of the person's identity check. `pending` before the first session, too."
