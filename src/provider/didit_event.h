/* The events of Didit (didit-api.md 2.5, 7, 8): is it really the provider, is it fresh, what does it say.
 * v1: X-Signature alone, over a body that its bytes make the same event, with no key twice. Later versions:
 * any of three signatures; `event_id` makes it the same event; of a key that stands twice the last counts. */
#pragma once

#include "base/arena.h"
#include "base/moment.h"
#include "port/provider.h"
#include "provider/didit_version.h"
#include "provider/webhook_secrets.h"

/* EVENT_PARSE_OK fills in `notice`, whose texts live in the arena, or in the request. What only Simple
 * vouches for is not believed: it brings no decision, and is the same event by its bytes only. */
enum provider_event_parse_result provider_event_parse(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook, moment now,
	struct arena *a, struct provider_event *event) must_use;
