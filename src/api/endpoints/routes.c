#include "api/endpoints/routes.h"

#include "api/describe/docs_page.h"
#include "api/describe/openapi.h"
#include "api/endpoints/account.h"
#include "api/endpoints/email.h"
#include "api/endpoints/health.h"
#include "api/endpoints/kyc.h"
#include "api/endpoints/provider_webhook.h"
#include "api/endpoints/return_page.h"
#include "api/endpoints/wallet.h"
#include "base/attr.h"

/* The last routes of the public listener, which are served only in development mode. */
#define DEV_ROUTES 1

/*~ 4. The list of all endpoints. Each route is defined next to its handler, in the endpoint's file. For
 * example, `verify_otp_route` writes, so its handler gets a transaction and must not wait for another system;
 * a handler that waits gets the store instead, without a transaction. */
const struct route *const public_routes[] = {
	&prepare_route,
	&send_otp_route,
	&verify_otp_route,
	&challenge_route,
	&prepare_wallet_route,
	&create_route,
	&status_query_route,
	&status_route,
	&products_route,
	&didit_webhook_route,
	&return_route,
	&live_route,
	&ready_route,
	&openapi_route,
	&docs_route,
};
const size_t n_public_routes = array_len(public_routes) - DEV_ROUTES;
const size_t n_public_routes_in_dev = array_len(public_routes);

const struct route *const admin_routes[] = {
	&metrics_route,
	&version_route,
	&live_route,
	&ready_route,
};
const size_t n_admin_routes = array_len(admin_routes);
