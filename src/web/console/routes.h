/* The routes of the console (routes.def), on a listener of its own or, in development mode, on the public
 * listener. They are no part of the API: `doc` is NULL. */
#pragma once

#include "api/core/route.h"

#define CONSOLE_ROUTE(name) extern const struct route name;
#include "web/console/routes.def"
#undef CONSOLE_ROUTE

/* `GET /` leads to the console. It is in no list: on the public listener, this path leads elsewhere. */
extern const struct route console_root_route;

extern const struct route *const console_routes[];
extern const size_t n_console_routes;
