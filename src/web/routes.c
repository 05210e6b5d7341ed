#include "web/routes.h"

#include "base/attr.h"

#define WEB_ROUTE(name) &(name),
const struct route *const web_routes[] = {
#include "web/routes.def"
};
const size_t n_web_routes = array_len(web_routes);
