/* GET /config/products: the products that the caller's API key may use. */
#pragma once

#include "api/core/route.h"

extern const struct route products_route;
