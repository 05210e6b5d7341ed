/* Verifies the HMAC signatures and the timestamp of the provider's webhook events (didit-api.md 8). Pure
 * functions; thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"

/* X-Timestamp may differ from our clock by this much, in either direction. */
#define EVENT_AGE_MAX_MS ((int64_t)300 * 1000)

/* How much of an event a valid signature covers. */
enum signature_scope {
	SIGNED_NOTHING, /* no valid signature */
	SIGNED_SESSION, /* only timestamp, session id, status and type; the rest of the body may be forged */
	SIGNED_BODY,
};

/* The texts that the three headers sign; `p` NULL: that header is not checked. */
struct signed_texts {
	struct str raw;	      /* X-Signature: the body, byte for byte */
	struct str canonical; /* X-Signature-V2: the body as canonical JSON, or `stamped` */
	struct str stamped;   /* X-Signature-V2: `{X-Timestamp}:` and canonical JSON (didit-api.md 13) */
	struct str simple;    /* X-Signature-Simple: four values of the body */
};

/* Whether there is exactly one X-Timestamp, in whole seconds within EVENT_AGE_MAX_MS of `now`. */
bool signature_is_fresh(const struct provider_webhook *webhook, moment now) must_use;
/* Whether one of the three signature headers occurs more than once. */
bool signature_is_repeated(const struct provider_webhook *webhook) must_use;
/* Returns the largest scope that a valid signature covers. A signature is 64 lower-case hex digits:
 * HMAC-SHA256 with any of `secrets`, compared in constant time. An empty secret never matches. Returns
 * SIGNED_NOTHING if a header that is checked occurs more than once. */
enum signature_scope signature_verify(const struct provider_webhook *webhook,
	const struct signed_texts *texts, const struct str *secrets, size_t n_secrets) must_use;
