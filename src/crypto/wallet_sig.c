#include "crypto/wallet_sig.h"

#include "crypto/evm_sig.h"
#include "crypto/solana_sig.h"
#include "text/unicode.h"

enum wallet_sig wallet_sig_check_application(
	const struct wallet *w, struct str message, struct str signature, struct str application)
{
	const struct str trimmed = unicode_trim(signature);

	return w->chain == WALLET_EVM ? evm_sig_check(w, message, trimmed)
				      : solana_sig_check(w, message, trimmed, application);
}

enum wallet_sig wallet_sig_check(const struct wallet *w, struct str message, struct str signature)
{
	return wallet_sig_check_application(w, message, signature, STR(""));
}
