#include "crypto/wallet_sig.h"

#include "crypto/evm_sig.h"
#include "crypto/solana_sig.h"

enum wallet_sig wallet_sig_check(const struct wallet *w, struct str message, struct str signature)
{
	return w->chain == WALLET_EVM ? evm_sig_check(w, message, signature)
				      : solana_sig_check(w, message, signature);
}
