/* Secrets and signatures of webhook deliveries, as the Standard Webhooks specification defines them
 * (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme", symmetric). Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "crypto/digest.h"

#define WEBHOOK_SECRET_PREFIX "whsec_"
#define WEBHOOK_SECRET_SIZE 51 /* prefix and base64 of 32 bytes, with the final NUL */
/* During a rotation the old secret signs too. */
#define WEBHOOK_SECRETS_MAX 2
#define WEBHOOK_SIGNATURE_SIZE 96 /* twice "v1," and base64 of 32 bytes, a space and the final NUL */

/* Writes a secret in the form in which its owner gets it. The caller wipes `out`. */
void webhook_secret_write(const struct secret_key *secret, char out[WEBHOOK_SECRET_SIZE]);
/* Reads that form. Returns false if the text is anything else; only the canonical base64 form is accepted. */
bool webhook_secret_read(struct str text, struct secret_key *out) must_use;

struct webhook_message {
	struct str id;	   /* header webhook-id; without dots */
	int64_t timestamp; /* header webhook-timestamp: Unix time in seconds */
	struct str body;
};

/* Writes the value of the header webhook-signature: one signature for each of the `n` secrets (1 to
 * WEBHOOK_SECRETS_MAX), in their order. `secrets` are the secrets' bytes, of any length. */
void webhook_signature_write(const struct webhook_message *message, const struct str *secrets, size_t n,
	char out[WEBHOOK_SIGNATURE_SIZE]);
