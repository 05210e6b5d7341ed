/* Opens the sockets of the server's listeners. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/dispatch.h"
#include "base/str.h"
#include "http/server.h"
#include "main/config/values.h"
#include "text/ip.h"

struct listener_conf {
	const char *setting; /* name of the setting with the address, for the message of a failure */
	struct str address;  /* HOST:PORT */
	size_t call_bytes;   /* memory of one call */
	struct api_context *api;
};

/* Binds the address and listens, but accepts no connection yet. The limits of connections and bodies are the
 * same for all listeners. On failure prints one line on stderr and returns false. */
bool compose_listener(const struct config *config, const struct ip_nets *trusted,
	const struct listener_conf *conf, struct server **out);
