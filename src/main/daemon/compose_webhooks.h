/* Builds senders of webhook requests from the settings. */
#pragma once

#include "main/config/values.h"
#include "port/webhook_sender.h"
#include "port/world.h"
#include "webhook/curl_sender.h"

struct webhook_settings {
	struct webhook_connector connector;
	struct curl_sender_conf conf;
};

/* Fills `out` and sets world->webhooks. The clock and the rules of the world are set. Requests go to the
 * networks that the rules list, and never to the listeners of this server. */
void compose_webhooks(const struct config *config, struct world *world, struct webhook_settings *out);
