/* Parses webhook events of Didit (didit-api.md 2.5, 7, 8): verifies the signature and the timestamp, then
 * reads the body. Two deliveries are the same event if their bytes (v1) or their `event_id` (v2, v3) are
 * equal. v1 events have one signature header, X-Signature, and a v1 body with a repeated JSON key is
 * malformed. v2 and v3 events have three signature headers, of which one valid signature is enough, and the
 * last value of a repeated key is used. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/moment.h"
#include "port/provider.h"
#include "provider/didit_version.h"
#include "provider/webhook_secrets.h"

/* Sets `event` only if it returns EVENT_PARSE_OK. The texts of `event` point into `a` or into the request. If
 * only X-Signature-Simple is valid, the body is not authenticated: `event` then has no decision, and its key
 * is the digest of the body's bytes, not of its `event_id`. */
enum provider_event_parse_result provider_event_parse(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook, moment now,
	struct arena *a, struct provider_event *event) must_use;
