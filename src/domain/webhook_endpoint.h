/* Webhook endpoints: the URLs to which a tenant's events are delivered (spec/events.md 2). Pure. */
#pragma once

#include <stdbool.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/event.h"
#include "domain/expiry.h"
#include "domain/id.h"

#define WEBHOOK_ENDPOINTS_MAX 16 /* of one tenant */
/* For how long the old secret signs too after a rotation. */
#define WEBHOOK_OVERLAP_DEFAULT_SECONDS 86400
#define WEBHOOK_OVERLAP_MAX_SECONDS 604800
#define WEBHOOK_TYPES_SIZE                                                                                   \
	513 /* room for EVENT_TYPE_WORDS_MAX words with their commas, and the final NUL                      \
	     */
#define WEBHOOK_DESCRIPTION_SIZE 513 /* of at most 512 bytes */

enum webhook_endpoint_state {
	WEBHOOK_ENABLED = 1,
	WEBHOOK_DISABLED, /* by the tenant or an operator */
	WEBHOOK_GONE,	  /* by kycd: the endpoint answered 410 */
	WEBHOOK_FAILING,  /* by kycd: nothing but failures for WEBHOOK_FAILING_MAX */
	/* By its owner; URL and secrets are gone. The row stays until its deliveries are removed, and counts
	 * for nothing else. */
	WEBHOOK_DELETED,
};

struct webhook_endpoint {
	struct endpoint_id id;
	struct tenant_id tenant_id;
	struct str sealed_url;
	char types[WEBHOOK_TYPES_SIZE]; /* words of event_types_parse */
	char description[WEBHOOK_DESCRIPTION_SIZE];
	bool include_address, include_session_url;
	struct str sealed_secret;
	struct str sealed_old_secret; /* signs too until old_secret_expires_at; empty: none */
	moment old_secret_expires_at;
	enum webhook_endpoint_state state;
	moment created_at;
	moment last_success_at; /* 0: never */
	moment failing_since;	/* the first failure after the last success; 0: none */
	moment paused_until;	/* a Retry-After of the endpoint; 0: none */
};

static inline bool webhook_endpoint_is_enabled(const struct webhook_endpoint *endpoint)
{
	return endpoint->state == WEBHOOK_ENABLED;
}

/* Returns whether the old secret signs too. From exactly its expiry on it does not. An expiry that is later
 * than any rotation could set it counts as over (ARCHITECTURE.md, "Expiry"). */
static inline bool webhook_old_secret_signs(const struct webhook_endpoint *endpoint, moment expiry_now)
{
	return endpoint->sealed_old_secret.n > 0 && expiry_is_open(endpoint->old_secret_expires_at,
							    seconds(WEBHOOK_OVERLAP_MAX_SECONDS), expiry_now);
}
