#include "main/daemon/public_routes.h"

#include <assert.h>

#include "api/endpoints/routes.h"
#include "web/core/routes.h"

size_t public_routes_list(size_t n_api, const struct route *out[ROUTER_MAX])
{
	size_t n = 0;

	assert(n_api + n_web_routes <= ROUTER_MAX);
	for (size_t i = 0; i < n_api; i++)
		out[n++] = public_routes[i];
	for (size_t i = 0; i < n_web_routes; i++)
		out[n++] = web_routes[i];
	return n;
}
