/* What is read as an off-chain message is written as the same bytes, and never read as a transaction.
 * Whatever the text, what a device makes of it is read as that text; its signature holds for the text, and
 * for no changed one. */
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

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void start(void)
{
	static const unsigned char seed[crypto_sign_SEEDBYTES] = { 7 };
	char text[WALLET_TEXT_MAX + 1];

	must(crypto_start());
	must(crypto_sign_seed_keypair(wallet.key, secret, seed) == 0);
	base58_write(wallet.key, sizeof(wallet.key), text);
	must(wallet_read(str_of(text), &wallet) == WALLET_FORM_VALID);
}

static struct str key(void)
{
	return (struct str){ (const char *)wallet.key, sizeof(wallet.key) };
}

static void bytes_come_back(struct str bytes)
{
	static const char nobody[OFFCHAIN_KEY] = { 0 };
	struct offchain said;

	if (!offchain_read(bytes, &said))
		return;
	must(!is_solana_transaction(bytes) && offchain_begins(bytes));
	must(said.text.n > 0 && str_ends(bytes, said.text) && str_is_utf8(said.text));
	if (said.layout == OFFCHAIN_WHOLE &&
		(said.signers.n != OFFCHAIN_KEY ||
			!str_eq(said.application, (struct str){ nobody, OFFCHAIN_KEY })))
		return; /* is read, but never written here */
	if (bytes.n <= OFFCHAIN_MAX) {
		unsigned char again[OFFCHAIN_MAX];

		must(offchain_write(&said, again) == bytes.n && memcmp(again, bytes.p, bytes.n) == 0);
	}
}

/* The signature holds for this text and for none that differs in a bit, by an end, or by a line end. */
static void holds_for(struct str text, struct str signature)
{
	char changed[OFFCHAIN_MAX + 1];

	must(wallet_sig_check(&wallet, text, signature) == WALLET_SIG_VALID);
	memcpy(changed, text.p, text.n);
	changed[text.n] = '\n';
	must(wallet_sig_check(&wallet, (struct str){ changed, text.n + 1 }, signature) != WALLET_SIG_VALID);
	must(wallet_sig_check(&wallet, (struct str){ changed, text.n - 1 }, signature) != WALLET_SIG_VALID);
	changed[text.n / 2] ^= 1;
	must(wallet_sig_check(&wallet, (struct str){ changed, text.n }, signature) != WALLET_SIG_VALID);
}

/* One signature, the signature, what was signed; base58 of it, and of the signature alone. */
static void is_signed(struct str bytes, struct str text)
{
	static unsigned char envelope[1 + crypto_sign_BYTES + OFFCHAIN_MAX];
	static char coded[BASE58_TEXT(sizeof(envelope)) + 1];

	envelope[0] = 1;
	must(crypto_sign_detached(envelope + 1, NULL, (const unsigned char *)bytes.p, bytes.n, secret) == 0);
	memcpy(envelope + 1 + crypto_sign_BYTES, bytes.p, bytes.n);
	const size_t alone = base58_write(envelope + 1, crypto_sign_BYTES, coded);
	holds_for(text, (struct str){ coded, alone });
	const size_t whole = base58_write(envelope, 1 + crypto_sign_BYTES + bytes.n, coded);
	holds_for(text, (struct str){ coded, whole });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str given = { (const char *)data, size };
	unsigned char bytes[OFFCHAIN_MAX];
	struct offchain read;

	if (wallet.chain != WALLET_SOLANA)
		start();
	bytes_come_back(given);
	for (int i = 0; i < 4; i++) {
		const struct offchain said = { i & 1 ? OFFCHAIN_SHORT : OFFCHAIN_WHOLE,
			i & 2 ? OFFCHAIN_UTF8 : OFFCHAIN_ASCII, { NULL, 0 }, key(), given };
		const size_t n = offchain_write(&said, bytes);

		if (n == 0)
			continue;
		must(offchain_read((struct str){ (const char *)bytes, n }, &read) &&
			str_eq(read.text, given));
		must(read.layout == said.layout && read.format == said.format);
		if (!is_solana_transaction(given))
			is_signed((struct str){ (const char *)bytes, n }, given);
	}
	return 0;
}
