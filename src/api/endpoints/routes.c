#include "api/endpoints/routes.h"

#include "base/attr.h"

#define ROW(name) &(name),
#define ONE(name) +1
#define NOTHING(name)

/*~ 4. The tables of all endpoints, built from routes.def. Each route is defined next to its handler, in the
 * endpoint's file. The route also says what its handler receives: a handler that writes, such as that of
 * verify_otp_route, gets a transaction and must not wait for another system; a handler that waits gets the
 * store, without a transaction. */
#define PUBLIC_ROUTE ROW
#define DOCS_ROUTE ROW
#define DEV_ROUTE ROW
#define ADMIN_ROUTE NOTHING
const struct route *const public_routes[] = {
#include "api/endpoints/routes.def"
};
#undef PUBLIC_ROUTE
#undef DOCS_ROUTE
#undef DEV_ROUTE
#undef ADMIN_ROUTE

#define PUBLIC_ROUTE NOTHING
#define DOCS_ROUTE NOTHING
#define DEV_ROUTE NOTHING
#define ADMIN_ROUTE ROW
const struct route *const admin_routes[] = {
#include "api/endpoints/routes.def"
};
#undef PUBLIC_ROUTE
#undef DOCS_ROUTE
#undef ADMIN_ROUTE

#define PUBLIC_ROUTE ONE
#define DOCS_ROUTE NOTHING
#define ADMIN_ROUTE NOTHING
const size_t n_public_routes = 0
#include "api/endpoints/routes.def"
	;
#undef DOCS_ROUTE

#define DOCS_ROUTE ONE
const size_t n_public_routes_with_docs = 0
#include "api/endpoints/routes.def"
	;
const size_t n_public_routes_in_dev = array_len(public_routes);
const size_t n_admin_routes = array_len(admin_routes);

void routes_label(void)
{
	email_label();
	wallet_label();
}
