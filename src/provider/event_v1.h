/* The events of Didit v1 (didit-api.md 2.5, 8): is it really the provider, is it fresh, what does it say. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/provider.h"

/* X-Timestamp may be off by this much, either way. */
#define EVENT_AGE_MAX_MS ((int64_t)300 * 1000)

/* Exactly one X-Signature (lower-case hex of HMAC-SHA256 over the raw body with one of the secrets, compared
 * in constant time) and one X-Timestamp. An empty secret fits nothing. */
bool event_v1_is_genuine(
	const struct event_parts *parts, const struct str *secrets, size_t n_secrets, moment now) must_use;
/* EVENT_READ or EVENT_MALFORMED. Texts live in the arena. */
enum event_verdict event_v1_read(struct str body, struct arena *a, struct notice *notice) must_use;

/* A session id as the provider may give it: 1 to 64 of [A-Za-z0-9._-], not only dots. */
bool provider_ref_read(struct str text, struct provider_ref *out) must_use;
