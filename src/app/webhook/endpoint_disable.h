/* kycd itself stops delivering to a webhook endpoint (spec/events.md 2, "Disabled"). */
#pragma once

#include "base/err.h"
#include "domain/webhook_endpoint.h"
#include "domain/webhook_retry.h"
#include "port/store.h"
#include "port/world.h"

/* Changes the state of an enabled endpoint, and adds the event webhook_endpoint.disabled, which the tenant's
 * other endpoints and the feed get. `reason` is the event's word. The caller saves the endpoint, and ends its
 * open deliveries (app/webhook/backlog) when the transaction is committed. */
enum err endpoint_disable(const struct world *world, struct tx *tx, struct webhook_endpoint *endpoint,
	enum webhook_health health, const char **reason) must_use;
