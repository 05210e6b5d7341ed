/* Builds senders of webhook requests from the settings. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "main/config/values.h"
#include "port/webhook_sender.h"
#include "text/ip.h"
#include "webhook/destination.h"

/* Which addresses webhook requests may be sent to: those that `listed` names, and never the listeners of this
 * server. */
void compose_webhook_rules(const struct config *config, const struct ip_nets *listed, bool allow_plain,
	struct destination_rules *out);
