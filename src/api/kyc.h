/* /kyc/ and /config/products: register, start the check, ask how it stands. */
#pragma once

#include "api/dispatch.h"

waiting_endpoint handle_prepare, handle_create;
tx_endpoint handle_status;
inline_endpoint handle_products;
/* Is `:kyc_type` a row of the table of flows? */
bool kyc_type_is_known(const struct call *call);
