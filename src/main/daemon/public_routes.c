#include "main/daemon/public_routes.h"

#include <assert.h>

#include "api/endpoints/routes.h"
#include "web/routes.h"

size_t public_routes_list(bool dev, const struct route *out[ROUTER_MAX])
{
	const size_t n_api = dev ? n_public_routes_in_dev : n_public_routes;
	size_t n = 0;

	assert(n_api + n_web_routes <= ROUTER_MAX);
	for (size_t i = 0; i < n_api; i++)
		out[n++] = public_routes[i];
	for (size_t i = 0; i < n_web_routes; i++)
		out[n++] = web_routes[i];
	return n;
}
