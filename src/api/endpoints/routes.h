/* The endpoints of the public and the admin listener (routes.def). */
#pragma once

#include "api/core/route.h"

#define PUBLIC_ROUTE(name) extern const struct route name;
#define DOCS_ROUTE(name) extern const struct route name;
#define DEV_ROUTE(name) extern const struct route name;
#define ADMIN_ROUTE(name) extern const struct route name;
#include "api/endpoints/routes.def"
#undef PUBLIC_ROUTE
#undef DOCS_ROUTE
#undef DEV_ROUTE
#undef ADMIN_ROUTE

extern const struct route *const public_routes[];
/* How many of them the public listener serves: without the documentation, with it (KYCD_DOCS), and in
 * development mode. */
extern const size_t n_public_routes, n_public_routes_with_docs, n_public_routes_in_dev;
extern const struct route *const admin_routes[];
extern const size_t n_admin_routes;

/* Sets the label names of the metrics that endpoints count by themselves. Called once, at the start. */
void routes_label(void);
void email_label(void);
void wallet_label(void);
