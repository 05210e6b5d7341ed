#include "base/attr.h"
#include "web/core/routes.h"

#define WEB_ROUTE(name) &(name),
const struct route *const web_routes[] = {
#include "web/core/routes.def"
};
const size_t n_web_routes = array_len(web_routes);
