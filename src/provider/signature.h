/* Who signed an event, when, and how much of it (didit-api.md 8). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"

/* X-Timestamp may be off by this much, either way. */
#define EVENT_AGE_MAX_MS ((int64_t)300 * 1000)

enum signature_scope {
	SIGNED_NOTHING,
	SIGNED_SESSION, /* the session's id, and when; the rest of the body may be anybody's */
	SIGNED_BODY,
};

/* What the three headers sign; `p` NULL: this one is not looked at. */
struct signed_texts {
	struct str raw;		       /* X-Signature: the body, byte for byte */
	struct str canonical, stamped; /* X-Signature-V2: alone, or behind `{X-Timestamp}:` (13) */
	struct str simple;	       /* X-Signature-Simple: a few of the body's words */
};

/* Exactly one X-Timestamp, whole seconds within five minutes of `now`. */
bool signature_is_fresh(const struct provider_webhook *webhook, moment now) must_use;
/* One of the three signatures stands twice. */
bool signature_is_repeated(const struct provider_webhook *webhook) must_use;
/* The most that one of the headers vouches for. Each is 64 digits of lower-case hex, HMAC-SHA256 with one of
 * the secrets, compared in constant time; an empty secret fits nothing. A header that is looked at and stands
 * twice spoils all. */
enum signature_scope signature_verify(const struct provider_webhook *webhook,
	const struct signed_texts *texts, const struct str *secrets, size_t n_secrets) must_use;
