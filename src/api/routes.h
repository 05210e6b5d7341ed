/* THE MAP: every endpoint, one row. Nobody includes it but main. */
#pragma once

#include "api/dispatch.h"

extern const struct route public_routes[];
extern const size_t n_public_routes;
extern const size_t n_public_routes_in_dev; /* these, and what --dev adds */
extern const struct route admin_routes[];
extern const size_t n_admin_routes;
