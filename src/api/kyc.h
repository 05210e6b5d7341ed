/* /kyc/ and /config/products: register, start the check, ask how it stands. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint prepare_kyc, create_kyc_session;
tx_endpoint kyc_status;
inline_endpoint list_products;
/* Is `:kyc_type` a row of the table of flows? */
bool kyc_type_is_known(const struct call *call);
