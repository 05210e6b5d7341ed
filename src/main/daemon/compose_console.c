#include "main/daemon/compose_console.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "main/config/config.h"
#include "main/config/console_place.h"
#include "main/config/console_url.h"
#include "main/daemon/compose_listener.h"
#include "text/encode.h"
#include "web/console/routes.h"
#include "web/core/routes.h"

#define DEV_TOKEN_BYTES 32

/* Makes the token of the link that development mode prints. */
static bool make_dev_token(const struct world *world, struct arena *a, struct str *out)
{
	unsigned char bytes[DEV_TOKEN_BYTES];

	return world_random(world, bytes, sizeof(bytes)) == OK &&
	       base64url_write(a, bytes, sizeof(bytes), out) == OK;
}

/* Writes what `kycd config show` prints, without secrets. */
static bool write_settings(const struct raw_config *raw, struct arena *a, struct str *out)
{
	char *text = NULL;
	size_t n = 0;
	FILE *const file = open_memstream(&text, &n);

	if (!file)
		return false;
	config_show(raw, file, false);
	const bool ok = fclose(file) == 0;
	*out = ok ? arena_copy(a, (struct str){ text, n }) : (struct str){ NULL, 0 };
	free(text);
	return out->p != NULL;
}

bool compose_console_settings(const struct config *config, const struct raw_config *raw,
	const struct world *world, struct arena *a, struct console_runtime *console)
{
	char origin[SITE_SIZE];

	console->is_served = console_is_served(config) && console_origin(config, origin);
	if (!console->is_served)
		return true;
	console->settings = (struct console_settings){
		.site = { .origin = arena_copy(a, str_of(origin)),
			.rp_id = arena_copy(a, console_host(str_of(origin))) },
		.is_https = !config->dev,
		.dev_token_is_used = &console->dev_token_is_used,
		.is_dev = config->dev,
	};
	if (console->settings.site.origin.p && console->settings.site.rp_id.p &&
		write_settings(raw, a, &console->settings.settings_text) &&
		(!config->dev || make_dev_token(world, a, &console->settings.dev_token)))
		return true;
	fprintf(stderr, "kycd: the console cannot be set up: out of memory or of random bytes\n");
	return false;
}

static bool console_has_listener(const struct console_runtime *console)
{
	return console->is_served && !console->settings.is_dev;
}

void compose_console_routes(
	const struct api_context *public_api, size_t first_label, struct console_runtime *console)
{
	size_t n = 0;

	if (!console_has_listener(console))
		return;
	assert(n_console_routes + 2 <= ROUTER_MAX);
	console->routes[n++] = &console_root_route;
	console->routes[n++] = &asset_route;
	for (size_t i = 0; i < n_console_routes; i++)
		console->routes[n++] = console_routes[i];
	console->api = *public_api;
	console->api.console = &console->settings;
	console->api.routes = console->routes;
	console->api.n_routes = n;
	console->api.first_label = first_label;
	console->api.extra_prefix = NULL;
	dispatch_label(&console->api);
}

bool compose_console_listener(
	const struct config *config, const struct ip_nets *trusted, struct console_runtime *console)
{
	const struct listener_conf conf = { .setting = "KYCD_CONSOLE_LISTEN",
		.address = config->console_listen,
		.call_bytes = CONSOLE_CALL_BYTES,
		.api = &console->api };

	return !console_has_listener(console) || compose_listener(config, trusted, &conf, &console->server);
}
