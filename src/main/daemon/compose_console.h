/* Builds the console: where it is served, its routes and its listener. In development mode the console has no
 * listener, and its routes are among those of the public listener. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "api/core/dispatch.h"
#include "base/arena.h"
#include "http/router.h"
#include "http/server.h"
#include "main/config/raw_config.h"
#include "main/config/values.h"
#include "port/world.h"
#include "text/ip.h"
#include "web/console/settings.h"

/* Memory of one call of the console: its pages list many people. */
#define CONSOLE_CALL_BYTES ((size_t)1024 * 1024)

struct console_runtime {
	bool is_served;
	struct console_settings settings;
	atomic_bool dev_token_is_used;
	/* Of the listener of its own. */
	const struct route *routes[ROUTER_MAX];
	struct api_context api;
	struct server *server; /* NULL: there is no such listener */
};

/* Sets where the console is served, if it is, and which settings (`raw`) it shows. Called before the routes
 * of the listeners are listed. On failure prints the reason and returns false. */
bool compose_console_settings(const struct config *config, const struct raw_config *raw,
	const struct world *world, struct arena *a, struct console_runtime *console);
/* Sets the routes of the console's listener, if it has one. The rest is as on the public listener.
 * `first_label` as in struct api_context. */
void compose_console_routes(
	const struct api_context *public_api, size_t first_label, struct console_runtime *console);
/* Opens the console's listener, if it has one. On failure prints the reason and returns false. */
bool compose_console_listener(
	const struct config *config, const struct ip_nets *trusted, struct console_runtime *console);
