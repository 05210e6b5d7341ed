/* Verifies the HMAC signatures and the timestamp of the provider's webhook events (didit-api.md 8). Pure
 * functions; thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"

/* Largest allowed difference between X-Timestamp and this machine's clock, in either direction. */
#define EVENT_AGE_MAX_MS ((int64_t)300 * 1000)

/* The part of an event that its valid signatures cover. */
enum signature_scope {
	SIGNED_NOTHING, /* no valid signature */
	/* Covers timestamp, session id, status and type; the rest of the body may be forged. */
	SIGNED_SESSION,
	SIGNED_BODY,
};

/* The texts that the three signature headers sign. A header whose text has p == NULL is not checked. */
struct signed_texts {
	struct str raw;	      /* signed by X-Signature: the body, byte for byte */
	struct str canonical; /* signed by X-Signature-V2: the body as canonical JSON, or `stamped` */
	/* Signed by X-Signature-V2: "<X-Timestamp>:" and canonical JSON (didit-api.md 13). */
	struct str stamped;
	struct str simple; /* signed by X-Signature-Simple: four values of the body */
};

/* Returns true if there is exactly one X-Timestamp and it is in whole seconds within EVENT_AGE_MAX_MS of
 * `now`. */
bool signature_is_fresh(const struct provider_webhook *webhook, moment now) must_use;
/* Returns true if one of the three signature headers occurs more than once. */
bool signature_is_repeated(const struct provider_webhook *webhook) must_use;
/* Returns the largest scope that a valid signature covers. A signature is valid if it is the HMAC-SHA256 of
 * the text with any of `secrets`, as 64 lower-case hex digits; it is compared in constant time. An empty
 * secret never matches. Returns SIGNED_NOTHING if a header that is checked occurs more than once. */
enum signature_scope signature_verify(const struct provider_webhook *webhook,
	const struct signed_texts *texts, const struct str *secrets, size_t n_secrets) must_use;
