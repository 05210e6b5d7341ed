#include "main/daemon/compose_listener.h"

#include <stdio.h>

#include "main/config/setting.h"
#include "main/platform/system_clock.h"

static const char *listen_error_message(enum err e)
{
	if (e == ERR_CONFLICT)
		return "another program uses this address: stop it, or choose another port";
	if (e == ERR_INPUT)
		return "this machine does not have this address: use one of its IP addresses";
	return "the system refused it: a port below 1024 may need privileges that this user does not have";
}

bool compose_listener(const struct config *config, const struct ip_nets *trusted,
	const struct listener_conf *listener, struct server **out)
{
	struct server_conf conf = { .trusted = trusted,
		.call_bytes = listener->call_bytes,
		.serve = dispatch_serve,
		.refuse = dispatch_refuse,
		.served = dispatch_served,
		.arg = listener->api,
		.ticks = system_ticks,
		.now = system_now };

	conf.limits = (struct server_limits){ .header_bytes = (size_t)16 * 1024,
		.body_bytes = (size_t)64 * 1024,
		.request = seconds(10),
		.idle = seconds(60),
		.write = seconds(10),
		.connections = (size_t)config->max_connections,
		.connections_per_address = (size_t)config->max_connections_per_address };
	if (!listen_parts(listener->address, &conf.host, &conf.port))
		return false;
	const enum err e = server_open(&conf, out);
	if (e != OK)
		fprintf(stderr, "kycd: %s: cannot listen on %.*s: %s\n", listener->setting,
			STR_ARG(listener->address), listen_error_message(e));
	return e == OK;
}
