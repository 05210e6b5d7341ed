/* A signature that holds for a message holds for no changed message and for no other wallet. The input: a
 * line of the address, a line of the signature, and the message. */
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/wallet_sig.h"
#include "fuzz.h"

#define MESSAGE_MAX ((size_t)4096)
#define CHANGES 16

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void moment_is_unset(const struct wallet *w, const char *message, size_t n, struct str signature)
{
	must(wallet_sig_check(w, (struct str){ message, n }, signature) != WALLET_SIG_VALID);
}

static void holds_for_no_other(const struct wallet *w, struct str message, struct str signature)
{
	static char changed[MESSAGE_MAX + 1];
	struct wallet another = *w;

	memcpy(changed, message.p, message.n);
	for (size_t i = 0; i < CHANGES && message.n > 0; i++) {
		const size_t at = i * message.n / CHANGES;

		changed[at] ^= (char)(1 << i % 8);
		moment_is_unset(w, changed, message.n, signature);
		changed[at] ^= (char)(1 << i % 8);
	}
	changed[message.n] = ' ';
	moment_is_unset(w, changed, message.n + 1, signature);
	if (message.n > 0)
		moment_is_unset(w, changed, message.n - 1, signature);
	another.key[message.n % WALLET_EVM_BYTES] ^= 1;
	moment_is_unset(&another, message.p, message.n, signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str message = { (const char *)data, size }, address, signature;
	static bool is_started;
	struct wallet w;

	if (!is_started)
		must(crypto_start());
	is_started = true;
	if (!str_cut(&message, '\n', &address) || !str_cut(&message, '\n', &signature))
		return 0;
	if (message.n > MESSAGE_MAX || wallet_read(address, &w) != WALLET_FORM_VALID)
		return 0;
	if (wallet_sig_check(&w, message, signature) == WALLET_SIG_VALID)
		holds_for_no_other(&w, message, signature);
	return 0;
}
