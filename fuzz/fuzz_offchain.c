/* Properties: bytes that are parsed as a Solana off-chain message are written as the same bytes again and are
 * never parsed as a transaction. A text that is written as an off-chain message is parsed as the same text; a
 * signature of the message is valid for the text and for no changed text. */
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypto/digest.h"
#include "crypto/offchain.h"
#include "crypto/solana_transaction.h"
#include "crypto/wallet_sig.h"
#include "fuzz.h"
#include "text/base58.h"

static struct wallet wallet;
static unsigned char secret[crypto_sign_SECRETKEYBYTES];

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static void make_wallet(void)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = { 7 };
	char text[WALLET_TEXT_MAX + 1];

	abort_unless(crypto_start());
	abort_unless(crypto_sign_seed_keypair(wallet.key, secret, seed) == 0);
	base58_write(wallet.key, sizeof(wallet.key), text);
	abort_unless(wallet_read(str_of(text), &wallet) == WALLET_FORM_VALID);
}

static struct str key(void)
{
	return (struct str){ (const char *)wallet.key, sizeof(wallet.key) };
}

static void check_bytes(struct str bytes)
{
	struct offchain message;

	if (!offchain_read(bytes, &message))
		return;
	abort_unless(!is_solana_transaction(bytes) && offchain_begins(bytes));
	abort_unless(message.text.n > 0 && str_ends(bytes, message.text) && str_is_utf8(message.text));
	if (message.signers.n > OFFCHAIN_KEY)
		return; /* offchain_write does not write such messages */
	if (bytes.n <= OFFCHAIN_MAX) {
		unsigned char again[OFFCHAIN_MAX];

		abort_unless(
			offchain_write(&message, again) == bytes.n && memcmp(again, bytes.p, bytes.n) == 0);
	}
}

/* Checks that the signature is valid for this text, but not if a newline is appended, the last byte removed,
 * or a bit changed. */
static void check_signature(struct str text, struct str signature)
{
	char changed[OFFCHAIN_MAX + 1];

	abort_unless(wallet_sig_check(&wallet, text, signature) == WALLET_SIG_VALID);
	memcpy(changed, text.p, text.n);
	changed[text.n] = '\n';
	abort_unless(wallet_sig_check(&wallet, (struct str){ changed, text.n + 1 }, signature) !=
		     WALLET_SIG_VALID);
	abort_unless(wallet_sig_check(&wallet, (struct str){ changed, text.n - 1 }, signature) !=
		     WALLET_SIG_VALID);
	changed[text.n / 2] ^= 1;
	abort_unless(
		wallet_sig_check(&wallet, (struct str){ changed, text.n }, signature) != WALLET_SIG_VALID);
}

/* Signs the message and checks both accepted forms: base58 of the signature alone, and base58 of an envelope
 * (number of signatures, signature, message). */
static void check_signed_forms(struct str bytes, struct str text)
{
	static unsigned char envelope[1 + crypto_sign_BYTES + OFFCHAIN_MAX];
	static char encoded[BASE58_TEXT(sizeof(envelope)) + 1];

	envelope[0] = 1;
	abort_unless(crypto_sign_detached(
			     envelope + 1, NULL, (const unsigned char *)bytes.p, bytes.n, secret) == 0);
	memcpy(envelope + 1 + crypto_sign_BYTES, bytes.p, bytes.n);
	const size_t signature_length = base58_write(envelope + 1, crypto_sign_BYTES, encoded);
	check_signature(text, (struct str){ encoded, signature_length });
	const size_t envelope_length = base58_write(envelope, 1 + crypto_sign_BYTES + bytes.n, encoded);
	check_signature(text, (struct str){ encoded, envelope_length });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str input = { (const char *)data, size };
	unsigned char bytes[OFFCHAIN_MAX];
	struct offchain read;
	static const struct {
		enum offchain_layout layout;
		enum offchain_format format;
	} forms[] = {
		{ OFFCHAIN_WHOLE, OFFCHAIN_ASCII },
		{ OFFCHAIN_SHORT, OFFCHAIN_ASCII },
		{ OFFCHAIN_WHOLE, OFFCHAIN_UTF8 },
		{ OFFCHAIN_SHORT, OFFCHAIN_UTF8 },
		{ OFFCHAIN_WHOLE, OFFCHAIN_LONG },
		{ OFFCHAIN_V1, OFFCHAIN_LONG },
	};

	if (wallet.chain != WALLET_SOLANA)
		make_wallet();
	check_bytes(input);
	for (size_t i = 0; i < array_len(forms); i++) {
		const struct offchain message = { forms[i].layout, forms[i].format, { NULL, 0 }, key(),
			input };
		const size_t n = offchain_write(&message, bytes);

		if (n == 0)
			continue;
		abort_unless(offchain_read((struct str){ (const char *)bytes, n }, &read) &&
			     str_eq(read.text, input));
		abort_unless(read.layout == message.layout && read.format == message.format);
		if (!is_solana_transaction(input))
			check_signed_forms((struct str){ (const char *)bytes, n }, input);
	}
	return 0;
}
