#include "main/daemon/compose_webhooks.h"

#include "main/config/setting.h"

static void add_listener(struct destination_rules *rules, struct str host, int port)
{
	struct webhook_listener *const listener = &rules->own[rules->n_own];

	listener->port = port;
	if (rules->n_own < WEBHOOK_LISTENERS_MAX && ip_read(host, &listener->ip))
		rules->n_own++;
}

/* A name in this setting is one of this machine, so every address of this machine counts. */
static void add_own(struct destination_rules *rules, struct str address)
{
	struct str host, port;
	struct ip ip;
	int64_t number;

	if (!listen_parts(address, &host, &port) || !str_number(port, 65535, &number))
		return;
	add_listener(rules, ip_read(host, &ip) ? host : STR("0.0.0.0"), (int)number);
}

void compose_webhook_rules(const struct config *config, const struct ip_nets *listed, bool allow_plain,
	struct destination_rules *out)
{
	*out = (struct destination_rules){ .allow_plain = allow_plain };
	if (listed)
		out->listed = *listed;
	add_own(out, config->listen);
	add_own(out, config->admin_listen);
}
