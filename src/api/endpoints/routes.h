/* The endpoints of the public and the admin listener. Only main and tests include this header. */
#pragma once

#include "api/core/route.h"

extern const struct route *const public_routes[];
extern const size_t n_public_routes;
extern const size_t n_public_routes_in_dev; /* includes those that only development mode serves */
extern const struct route *const admin_routes[];
extern const size_t n_admin_routes;
