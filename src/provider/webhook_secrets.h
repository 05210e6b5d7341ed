/* The secrets that events are signed with: one, or two while rotating, replaced as a whole while events come
 * in. An event is judged by the set that was there when it came. Wiped when the last who holds a set lets go.
 * Threads at the same time. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "port/provider.h"
#include "provider/signature.h"

#define PROVIDER_WEBHOOK_SECRETS_MAX 2

struct provider_webhook_secrets;

/* Texts are copied. None: nothing is genuine. ERR_INPUT: an empty one, or too many. */
enum err provider_webhook_secrets_open(
	const struct str *texts, size_t n, struct provider_webhook_secrets **out) must_use;
/* Accepts NULL. */
void provider_webhook_secrets_close(struct provider_webhook_secrets *secrets);
/* On failure the old ones stay. */
enum err provider_webhook_secrets_replace(
	struct provider_webhook_secrets *secrets, const struct str *texts, size_t n) must_use;
/* As signature_verify. */
enum signature_scope provider_webhook_secrets_verify(struct provider_webhook_secrets *secrets,
	const struct provider_webhook *webhook, const struct signed_texts *texts) must_use;
