#include "crypto/webhook_signature.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define BASE64_LENGTH 44 /* of 32 bytes, with padding */
#define PREFIX_LENGTH (sizeof(WEBHOOK_SECRET_PREFIX) - 1)
#define VERSION "v1,"
#define VERSION_LENGTH (sizeof(VERSION) - 1)
#define TIMESTAMP_SIZE 24 /* a 64-bit number between two dots, with the final NUL */

_Static_assert(WEBHOOK_SECRET_SIZE == PREFIX_LENGTH + BASE64_LENGTH + 1, "no byte too few");
_Static_assert(WEBHOOK_SIGNATURE_SIZE == (size_t)WEBHOOK_SECRETS_MAX * (VERSION_LENGTH + BASE64_LENGTH + 1),
	"no byte too few");

static void write_base64(const unsigned char bytes[32], char out[BASE64_LENGTH + 1])
{
	(void)sodium_bin2base64(out, BASE64_LENGTH + 1, bytes, 32, sodium_base64_VARIANT_ORIGINAL);
}

void webhook_secret_write(const struct secret_key *secret, char out[WEBHOOK_SECRET_SIZE])
{
	memcpy(out, WEBHOOK_SECRET_PREFIX, PREFIX_LENGTH);
	write_base64(secret->bytes, out + PREFIX_LENGTH);
}

bool webhook_secret_read(struct str text, struct secret_key *out)
{
	struct secret_key secret cleanup_with(secret_key_wipe) = { { 0 } };
	size_t n = 0;

	if (text.n != WEBHOOK_SECRET_SIZE - 1 || !str_starts(text, STR(WEBHOOK_SECRET_PREFIX)) ||
		sodium_base642bin(secret.bytes, sizeof(secret.bytes), text.p + PREFIX_LENGTH, BASE64_LENGTH,
			NULL, &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 ||
		n != sizeof(secret.bytes))
		return false;
	*out = secret;
	return true;
}

static void hmac_add(crypto_auth_hmacsha256_state *state, struct str part)
{
	crypto_auth_hmacsha256_update(state, (const unsigned char *)part.p, part.n);
}

static void sign(const struct webhook_message *message, struct str secret, unsigned char out[DIGEST_BYTES])
{
	char timestamp[TIMESTAMP_SIZE];
	crypto_auth_hmacsha256_state state;

	(void)snprintf(timestamp, sizeof(timestamp), ".%" PRId64 ".", message->timestamp);
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
	hmac_add(&state, message->id);
	hmac_add(&state, str_of(timestamp));
	hmac_add(&state, message->body);
	crypto_auth_hmacsha256_final(&state, out);
	secure_wipe(&state, sizeof(state));
}

void webhook_signature_write(const struct webhook_message *message, const struct str *secrets, size_t n,
	char out[WEBHOOK_SIGNATURE_SIZE])
{
	char *at = out;

	assert(n >= 1 && n <= WEBHOOK_SECRETS_MAX);
	for (size_t i = 0; i < n; i++) {
		unsigned char digest[DIGEST_BYTES];

		if (i > 0)
			*at++ = ' ';
		sign(message, secrets[i], digest);
		memcpy(at, VERSION, VERSION_LENGTH);
		write_base64(digest, at + VERSION_LENGTH);
		at += VERSION_LENGTH + BASE64_LENGTH;
	}
}
