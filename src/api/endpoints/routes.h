/* All endpoints of the two listeners. Included by main and by tests only. */
#pragma once

#include "api/core/route.h"

extern const struct route *const public_routes[];
extern const size_t n_public_routes;
extern const size_t n_public_routes_in_dev; /* these and the ones that only development mode serves */
extern const struct route *const admin_routes[];
extern const size_t n_admin_routes;
