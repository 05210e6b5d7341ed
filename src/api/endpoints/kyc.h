/* Endpoints of the identity check: POST /kyc/create/:kyc_type, GET and POST /kyc/status. */
#pragma once

#include "api/core/route.h"

extern const struct route create_route, status_query_route, status_route;
