/* Serves GET /docs in development mode: the API reference as one HTML page without scripts. */
#pragma once

#include "api/core/route.h"

extern const struct route docs_route;
extern const struct route docs_redirect_route;
