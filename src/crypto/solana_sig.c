#include "crypto/solana_sig.h"

#include <stdbool.h>
#include <stddef.h>

#include <sodium.h>

#include "crypto/offchain.h"
#include "crypto/solana_transaction.h"
#include "text/base58.h"

#define SIGNATURE_BYTES ((size_t)crypto_sign_BYTES)
#define ENVELOPE_MAX (1 + SIGNATURE_BYTES + OFFCHAIN_MAX)

_Static_assert(crypto_sign_BYTES == 64 && crypto_sign_PUBLICKEYBYTES == WALLET_SOLANA_BYTES, "Ed25519");
_Static_assert(ENVELOPE_MAX <= BASE58_BYTES_MAX, "base58_read() can decode an envelope");

/* The order L of edwards25519 (RFC 8032 5.1), little endian. */
static const unsigned char group_order[32] = { 0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C,
	0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10 };

static bool is_below_order(const unsigned char number[32])
{
	for (size_t i = 32; i-- > 0;)
		if (number[i] != group_order[i])
			return number[i] < group_order[i];
	return false;
}

static bool verifies(const struct wallet *w, const unsigned char signature[SIGNATURE_BYTES], struct str bytes)
{
	return crypto_sign_verify_detached(signature, (const unsigned char *)bytes.p, bytes.n, w->key) == 0;
}

static struct str key_of(const struct wallet *w)
{
	return (struct str){ (const char *)w->key, WALLET_SOLANA_BYTES };
}

/* Checks a signature without an envelope. Such a signature does not state which bytes were signed, so the
 * message itself and each off-chain form of it are tried. */
static enum wallet_sig check_bare(const struct wallet *w, struct str message, struct str application,
	const unsigned char signature[SIGNATURE_BYTES])
{
	/* The forms in the order of their likelihood. Current devices sign the first for ASCII text and the
	 * second for other text; old devices sign the two with OFFCHAIN_SHORT. */
	static const struct {
		enum offchain_layout layout;
		enum offchain_format format;
	} forms[] = {
		{ OFFCHAIN_WHOLE, OFFCHAIN_ASCII },
		{ OFFCHAIN_WHOLE, OFFCHAIN_UTF8 },
		{ OFFCHAIN_SHORT, OFFCHAIN_ASCII },
		{ OFFCHAIN_SHORT, OFFCHAIN_UTF8 },
		{ OFFCHAIN_V1, OFFCHAIN_LONG },
		{ OFFCHAIN_WHOLE, OFFCHAIN_LONG },
	};

	if (application.n == 0 && verifies(w, signature, message))
		return WALLET_SIG_VALID;
	for (size_t i = 0; i < array_len(forms); i++) {
		const struct offchain envelope = { forms[i].layout, forms[i].format, application, key_of(w),
			message };
		unsigned char bytes[OFFCHAIN_MAX];

		if (application.n > 0 && forms[i].layout != OFFCHAIN_WHOLE)
			continue;
		const size_t n = offchain_write(&envelope, bytes);
		if (n > 0 && verifies(w, signature, (struct str){ (const char *)bytes, n }))
			return WALLET_SIG_VALID;
	}
	return WALLET_SIG_OTHER;
}

/* Checks an envelope: the number of signatures (one), the signature, and the off-chain message that was
 * signed. */
static enum wallet_sig check_envelope(
	const struct wallet *w, struct str message, struct str application, struct str envelope)
{
	const struct str bytes = str_from(envelope, 1 + SIGNATURE_BYTES);
	const unsigned char *const signature = (const unsigned char *)envelope.p + 1;
	struct offchain signed_message;

	if (!offchain_begins(bytes))
		return WALLET_SIG_LENGTH;
	if (envelope.p[0] != 1 || !offchain_read(bytes, &signed_message) ||
		!str_eq(signed_message.text, message))
		return WALLET_SIG_ENVELOPE;
	if (signed_message.layout != OFFCHAIN_SHORT && !str_eq(signed_message.signers, key_of(w)))
		return WALLET_SIG_ENVELOPE;
	if (application.n > 0 && !str_eq(signed_message.application, application))
		return WALLET_SIG_ENVELOPE;
	if (!is_below_order(signature + SIGNATURE_BYTES / 2))
		return WALLET_SIG_RANGE;
	return verifies(w, signature, bytes) ? WALLET_SIG_VALID : WALLET_SIG_OTHER;
}

enum wallet_sig solana_sig_check(
	const struct wallet *w, struct str message, struct str signature, struct str application)
{
	unsigned char bytes[ENVELOPE_MAX];
	size_t n = 0;

	if (signature.n > BASE58_TEXT(ENVELOPE_MAX))
		return WALLET_SIG_LENGTH;
	if (!base58_read(signature, bytes, sizeof(bytes), &n))
		return WALLET_SIG_CODING;
	if (n < SIGNATURE_BYTES)
		return WALLET_SIG_LENGTH;
	if (is_solana_transaction(message))
		return WALLET_SIG_TRANSACTION;
	/* If the message were an off-chain message, a device's signature for the text inside it would also be
	 * valid for it. */
	if (offchain_begins(message))
		return WALLET_SIG_ENVELOPE;
	if (n > SIGNATURE_BYTES)
		return check_envelope(w, message, application, (struct str){ (const char *)bytes, n });
	return is_below_order(bytes + SIGNATURE_BYTES / 2) ? check_bare(w, message, application, bytes)
							   : WALLET_SIG_RANGE;
}
