#include "html/asset.h"

#include "web/routes.h"

static struct reply handle_asset(struct call *call)
{
	const struct asset *const asset = asset_find(call->params[0]);

	return asset ? asset_reply(asset, asset->content) : respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
}

const struct route asset_route = {
	.entry = { METHOD_GET, "/assets/:file" },
	HANDLE_INLINE(handle_asset),
	.failure = ANSWER_UNAVAILABLE,
};
