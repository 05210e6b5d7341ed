#include "main/config/console_place.h"

#include <stdio.h>

#include "main/config/setting.h"

bool console_is_served(const struct config *config)
{
	return config->dev ? !config->dev_open : config->console_listen.n > 0;
}

bool console_origin(const struct config *config, char out[SITE_SIZE])
{
	struct str host, port;
	char local[SITE_SIZE];

	if (!config->dev)
		return site_read(config->console_url, out) == SITE_VALID;
	if (!console_is_served(config) || !listen_parts(config->listen, &host, &port))
		return false;
	(void)snprintf(local, sizeof(local), "http://localhost:%.*s", STR_ARG(port));
	return site_read(str_of(local), out) == SITE_VALID;
}
