/* Property: a signature that is valid for a message is not valid for a changed message or another wallet. The
 * input has a line with the address, a line with the signature, and the message. */
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/wallet_sig.h"
#include "fuzz.h"

#define MESSAGE_MAX ((size_t)4096)
#define CHANGES 16

static void abort_unless(bool condition)
{
	if (!condition)
		abort();
}

static void check_rejected(const struct wallet *w, const char *message, size_t n, struct str signature)
{
	abort_unless(wallet_sig_check(w, (struct str){ message, n }, signature) != WALLET_SIG_VALID);
}

static void check_variations(const struct wallet *w, struct str message, struct str signature)
{
	static char changed[MESSAGE_MAX + 1];
	struct wallet other_wallet = *w;

	memcpy(changed, message.p, message.n);
	for (size_t i = 0; i < CHANGES && message.n > 0; i++) {
		const size_t at = i * message.n / CHANGES;

		changed[at] ^= (char)(1 << i % 8);
		check_rejected(w, changed, message.n, signature);
		changed[at] ^= (char)(1 << i % 8);
	}
	changed[message.n] = ' ';
	check_rejected(w, changed, message.n + 1, signature);
	if (message.n > 0)
		check_rejected(w, changed, message.n - 1, signature);
	other_wallet.key[message.n % WALLET_EVM_BYTES] ^= 1;
	check_rejected(&other_wallet, message.p, message.n, signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str message = { (const char *)data, size }, address, signature;
	static bool is_started;
	struct wallet w;

	if (!is_started)
		abort_unless(crypto_start());
	is_started = true;
	if (!str_cut(&message, '\n', &address) || !str_cut(&message, '\n', &signature))
		return 0;
	if (message.n > MESSAGE_MAX || wallet_read(address, &w) != WALLET_FORM_VALID)
		return 0;
	if (wallet_sig_check(&w, message, signature) == WALLET_SIG_VALID)
		check_variations(&w, message, signature);
	return 0;
}
