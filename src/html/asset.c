#include "html/asset.h"

#include "html/gzip.h"

const struct asset *asset_style(void)
{
	return &assets[0];
}

static const struct asset *find_asset(struct str base, struct str extension)
{
	for (size_t i = 1; i < n_assets; i++)
		if (str_eq(base, str_of(assets[i].base)) && str_ends(assets[i].name, extension))
			return &assets[i];
	return NULL;
}

const struct asset *asset_page_style(struct str base)
{
	return find_asset(base, STR(".css"));
}

const struct asset *asset_script(struct str base)
{
	return find_asset(base, STR(".js"));
}

const struct asset *asset_find(struct str name)
{
	for (size_t i = 0; i < n_assets; i++)
		if (str_eq(name, assets[i].name))
			return &assets[i];
	return NULL;
}

struct reply asset_reply(
	struct arena *a, const struct request *request, const struct asset *asset, struct str content)
{
	struct reply reply = { .status = 200, .content_type = asset->type, .body = content };

	reply_header(&reply, STR("Cache-Control"), STR("public, max-age=31536000, immutable"));
	if (!str_starts(str_of(asset->type), STR("text/")))
		return reply;
	reply_header(&reply, STR("Vary"), STR("Accept-Encoding"));
	if (gzip_is_accepted(request) && gzip_write(a, content, &reply.body) == OK)
		reply_header(&reply, STR("Content-Encoding"), STR("gzip"));
	return reply;
}
