/* The routes of the pages for people, on the public listener (routes.def). They are no part of the API: they
 * require no API key, and `doc` is NULL. */
#pragma once

#include "api/core/route.h"

#define WEB_ROUTE(name) extern const struct route name;
#include "web/core/routes.def"
#undef WEB_ROUTE

extern const struct route *const web_routes[];
extern const size_t n_web_routes;
