/* What the caller's API key may use: GET /config/products. */
#pragma once

#include "api/core/route.h"

extern const struct route products_route;
