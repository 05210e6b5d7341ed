/* Serves GET /docs with KYCD_DOCS=1 and in development mode: the API reference as one HTML page. */
#pragma once

#include "api/core/route.h"

extern const struct route docs_route;
extern const struct route docs_redirect_route;
