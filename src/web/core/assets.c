#include "web/core/assets.h"

#include "app/core/branding.h"
#include "crypto/digest.h"
#include "domain/branding.h"
#include "text/encode.h"
#include "web/core/routes.h"

/* Reads the six digits of "kycd-<hash>-<rrggbb>.css". The digits are in lower case, so that a colour has one
 * name. */
static bool read_colour(struct str file, struct colour *out)
{
	static const struct str extension = STR_INIT(".css");
	const struct str name = asset_style()->name;
	const struct str start = { name.p, name.n - extension.n };
	char text[COLOUR_SIZE], again[COLOUR_SIZE];

	if (file.n != name.n + 7 || !str_starts(file, start) || file.p[start.n] != '-' ||
		!str_ends(file, extension))
		return false;
	text[0] = '#';
	for (size_t i = 1; i < COLOUR_SIZE - 1; i++)
		text[i] = file.p[start.n + i];
	text[COLOUR_SIZE - 1] = '\0';
	if (!colour_parse(str_of(text), out))
		return false;
	colour_format(*out, again);
	return str_eq(str_of(text), str_of(again));
}

struct str style_with_colour(struct arena *a, struct colour colour)
{
	const struct accent accent = accent_of(colour);
	char light[COLOUR_SIZE], dark[COLOUR_SIZE];

	colour_format(accent.light, light);
	colour_format(accent.dark, dark);
	return arena_printf(a, "%.*s:root{--accent:%s}@media (prefers-color-scheme:dark){:root{--accent:%s}}",
		STR_ARG(asset_style()->content), light, dark);
}

#define DIGEST_HEX ((size_t)2 * DIGEST_BYTES)

/* Reads "logo-<digest>.png". The digits are in lower case. */
static bool read_logo_name(struct str file, struct digest *out)
{
	static const struct str start = STR_INIT("logo-"), end = STR_INIT(".png");
	char again[DIGEST_HEX + 1];
	struct str hex;

	if (file.n != start.n + DIGEST_HEX + end.n || !str_starts(file, start) || !str_ends(file, end))
		return false;
	hex = (struct str){ file.p + start.n, DIGEST_HEX };
	if (!hex_read(hex, out->bytes, DIGEST_BYTES))
		return false;
	hex_write(out->bytes, DIGEST_BYTES, again);
	return str_eq(hex, str_of(again));
}

static enum err load_logo(struct tx *tx, void *arg)
{
	struct logo *const logo = arg;
	const struct digest digest = logo->digest;

	return logo_load(tx, &digest, logo);
}

static struct reply reply_logo(struct call *call, struct store *store, const struct digest *digest)
{
	static const struct asset png = { .type = "image/png" };
	struct logo logo = { .digest = *digest };
	const enum err e = store_transact(store, TX_READ, call->arena, load_logo, &logo);

	if (e == ERR_NOT_FOUND)
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	return e == OK ? asset_reply(call->arena, call->request, &png, logo.image)
		       : respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
}

static struct reply handle_asset(struct call *call, struct store *store)
{
	const struct asset *const asset = asset_find(call->params[0]);
	struct digest digest;
	struct colour colour;
	struct str style;

	if (asset)
		return asset_reply(call->arena, call->request, asset, asset->content);
	if (read_logo_name(call->params[0], &digest))
		return reply_logo(call, store, &digest);
	if (!read_colour(call->params[0], &colour))
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	style = style_with_colour(call->arena, colour);
	return style.p ? asset_reply(call->arena, call->request, asset_style(), style)
		       : respond(call->arena, ANSWER_UNAVAILABLE);
}

const struct route asset_route = {
	.entry = { METHOD_GET, "/assets/:file" },
	HANDLE_WAITING(handle_asset),
	.failure = ANSWER_UNAVAILABLE,
};
