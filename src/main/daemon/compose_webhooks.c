#include "main/daemon/compose_webhooks.h"

#include "base/attr.h"
#include "main/config/setting.h"

static void add_listener(struct destination_rules *rules, struct str host, int port)
{
	struct webhook_listener listener = { .port = port };

	if (rules->n_own < WEBHOOK_LISTENERS_MAX && ip_read(host, &listener.ip))
		rules->own[rules->n_own++] = listener;
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

static enum err open_sender(struct webhook_connector *connector, struct webhook_sender **out)
{
	return curl_sender_open(&container_of(connector, struct webhook_settings, connector)->conf, out);
}

static bool may_reach(struct webhook_connector *connector, const struct ip *ip, int port, bool is_plain)
{
	const struct webhook_settings *const own = container_of(
		connector, struct webhook_settings, connector);

	return destination_is_allowed(&own->conf.rules, ip, port, is_plain);
}

void compose_webhooks(const struct config *config, struct world *world, struct webhook_settings *out)
{
	const struct rules *const rules = world->rules;

	*out = (struct webhook_settings){ .connector = { open_sender, may_reach },
		.conf.clock = world->clock };
	out->conf.rules.allow_plain = rules->webhook_plain;
	if (rules->webhook_networks)
		out->conf.rules.listed = *rules->webhook_networks;
	add_own(&out->conf.rules, config->listen);
	add_own(&out->conf.rules, config->admin_listen);
	world->webhooks = &out->connector;
}
