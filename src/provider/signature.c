#include "provider/signature.h"

#include "crypto/digest.h"
#include "text/encode.h"

/* Unix seconds of 9999-12-31T23:59:59Z, the latest time that base/moment.h supports. */
#define UNIX_MAX ((int64_t)253402300799)

bool signature_is_fresh(const struct provider_webhook *webhook, moment now)
{
	const struct str text = webhook->timestamp;
	int64_t sent;

	if (webhook->n_timestamps != 1 || text.n == 0 || !str_number(text, UNIX_MAX, &sent))
		return false;
	return now.ms - sent * 1000 <= EVENT_AGE_MAX_MS && sent * 1000 - now.ms <= EVENT_AGE_MAX_MS;
}

bool signature_is_repeated(const struct provider_webhook *webhook)
{
	return webhook->n_signatures > 1 || webhook->n_signatures_v2 > 1 || webhook->n_signatures_simple > 1;
}

static bool parse_hex_signature(struct str hex, unsigned char out[DIGEST_BYTES])
{
	for (size_t i = 0; i < hex.n; i++)
		if (hex.p[i] >= 'A' && hex.p[i] <= 'F')
			return false;
	return hex_read(hex, out, DIGEST_BYTES);
}

/* Returns true if the signature of `text` with one of the secrets is `hex`. Tries every secret, even after a
 * match, so that the time taken does not depend on which secret matches. */
static bool matches_any_secret(struct str hex, struct str text, const struct str *secrets, size_t n_secrets)
{
	unsigned char given[DIGEST_BYTES], expected[DIGEST_BYTES];
	bool matches = false;

	if (!parse_hex_signature(hex, given))
		return false;
	for (size_t i = 0; i < n_secrets; i++) {
		hmac_sha256(secrets[i], text, expected);
		matches |= equal_constant_time(given, expected, DIGEST_BYTES) && secrets[i].n > 0;
	}
	secure_wipe(expected, sizeof(expected));
	return matches;
}

enum signature_scope signature_verify(const struct provider_webhook *webhook,
	const struct signed_texts *texts, const struct str *secrets, size_t n_secrets)
{
	/* the signatures to check, in the order of didit-api.md 8 */
	const struct {
		struct str hex, text;
		size_t n;
		enum signature_scope scope;
	} signatures[] = {
		{ webhook->signature_v2, texts->canonical, webhook->n_signatures_v2, SIGNED_BODY },
		{ webhook->signature_v2, texts->stamped, webhook->n_signatures_v2, SIGNED_BODY },
		{ webhook->signature, texts->raw, webhook->n_signatures, SIGNED_BODY },
		{ webhook->signature_simple, texts->simple, webhook->n_signatures_simple, SIGNED_SESSION },
	};
	enum signature_scope largest = SIGNED_NOTHING;

	for (size_t i = 0; i < array_len(signatures); i++) {
		if (!signatures[i].text.p || signatures[i].n == 0)
			continue;
		if (signatures[i].n > 1)
			return SIGNED_NOTHING;
		if (largest < signatures[i].scope &&
			matches_any_secret(signatures[i].hex, signatures[i].text, secrets, n_secrets))
			largest = signatures[i].scope;
	}
	return largest;
}
