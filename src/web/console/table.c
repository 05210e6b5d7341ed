#include "base/attr.h"
#include "web/console/routes.h"

#define CONSOLE_ROUTE(name) &(name),
const struct route *const console_routes[] = {
#include "web/console/routes.def"
};
const size_t n_console_routes = array_len(console_routes);
