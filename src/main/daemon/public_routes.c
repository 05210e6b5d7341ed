#include "main/daemon/public_routes.h"

#include <assert.h>

#include "api/endpoints/routes.h"
#include "web/console/routes.h"
#include "web/core/routes.h"

static size_t append_routes(
	const struct route *const *routes, size_t n_routes, const struct route *out[ROUTER_MAX], size_t n)
{
	assert(n + n_routes <= ROUTER_MAX);
	for (size_t i = 0; i < n_routes; i++)
		out[n++] = routes[i];
	return n;
}

size_t public_routes_list(size_t n_api, bool has_console, const struct route *out[ROUTER_MAX])
{
	size_t n = append_routes(public_routes, n_api, out, 0);

	n = append_routes(web_routes, n_web_routes, out, n);
	return has_console ? append_routes(console_routes, n_console_routes, out, n) : n;
}
