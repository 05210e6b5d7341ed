/* The secrets with which the provider signs webhook events: one, or two while one replaces the other. They
 * can be replaced while events are verified, because each verification uses the set that was current when it
 * began. An old set is wiped when the last verification that uses it ends. Thread-safe. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "port/provider.h"
#include "provider/signature.h"

#define PROVIDER_WEBHOOK_SECRETS_MAX 2

struct provider_webhook_secrets;

/* Copies the secrets in `texts`. With n == 0, every signature is invalid. Returns ERR_INPUT for an empty
 * secret or more than PROVIDER_WEBHOOK_SECRETS_MAX secrets. */
enum err provider_webhook_secrets_open(
	const struct str *texts, size_t n, struct provider_webhook_secrets **out) must_use;
/* Accepts NULL. */
void provider_webhook_secrets_close(struct provider_webhook_secrets *secrets);
/* Replaces all secrets. On failure the old secrets stay in use. */
enum err provider_webhook_secrets_replace(
	struct provider_webhook_secrets *secrets, const struct str *texts, size_t n) must_use;
/* signature_verify() with the current secrets. */
enum signature_scope provider_webhook_secrets_verify(struct provider_webhook_secrets *secrets,
	const struct provider_webhook *webhook, const struct signed_texts *texts) must_use;
