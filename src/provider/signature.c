#include "provider/signature.h"

#include "crypto/digest.h"
#include "text/encode.h"

/* The last second of the calendar (base/moment.h): 9999-12-31T23:59:59Z. */
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

static bool read_signature(struct str hex, unsigned char out[DIGEST_BYTES])
{
	for (size_t i = 0; i < hex.n; i++)
		if (hex.p[i] >= 'A' && hex.p[i] <= 'F')
			return false;
	return hex_read(hex, out, DIGEST_BYTES);
}

/* Every secret is tried, also behind one that fits. */
static bool is_right(struct str hex, struct str text, const struct str *secrets, size_t n_secrets)
{
	unsigned char given[DIGEST_BYTES], right[DIGEST_BYTES];
	bool same = false;

	if (!read_signature(hex, given))
		return false;
	for (size_t i = 0; i < n_secrets; i++) {
		hmac_sha256(secrets[i], text, right);
		same |= equal_constant_time(given, right, DIGEST_BYTES) && secrets[i].n > 0;
	}
	secure_wipe(right, sizeof(right));
	return same;
}

enum signature_scope signature_verify(const struct provider_webhook *webhook,
	const struct signed_texts *texts, const struct str *secrets, size_t n_secrets)
{
	/* in the order of didit-api.md 8 */
	const struct {
		struct str hex, text;
		size_t n;
		enum signature_scope vouches;
	} claims[] = {
		{ webhook->signature_v2, texts->canonical, webhook->n_signatures_v2, SIGNED_BODY },
		{ webhook->signature_v2, texts->stamped, webhook->n_signatures_v2, SIGNED_BODY },
		{ webhook->signature, texts->raw, webhook->n_signatures, SIGNED_BODY },
		{ webhook->signature_simple, texts->simple, webhook->n_signatures_simple, SIGNED_SESSION },
	};
	enum signature_scope most = SIGNED_NOTHING;

	for (size_t i = 0; i < array_len(claims); i++) {
		if (!claims[i].text.p || claims[i].n == 0)
			continue;
		if (claims[i].n > 1)
			return SIGNED_NOTHING;
		if (most < claims[i].vouches && is_right(claims[i].hex, claims[i].text, secrets, n_secrets))
			most = claims[i].vouches;
	}
	return most;
}
