#include "crypto/wallet_verdict.h"

/* clang-format off */
static const struct {
	struct str name, message;
} verdicts[] = {
	[WALLET_SIG_VALID]       = { STR_INIT("valid"),       STR_INIT("the signature is valid") },
	[WALLET_SIG_CODING]      = { STR_INIT("coding"),      STR_INIT("signed_bytes must be hex for an EVM wallet, base58 for a Solana wallet") },
	[WALLET_SIG_LENGTH]      = { STR_INIT("length"),      STR_INIT("signed_bytes must be 65 bytes for an EVM wallet, 64 for a Solana wallet") },
	[WALLET_SIG_CONTRACT]    = { STR_INIT("contract_wallet_unsupported"), STR_INIT("signed_bytes is the signature of a contract wallet (EIP-1271, EIP-6492), which is not supported; use a wallet that signs with its own key, 65 bytes") },
	[WALLET_SIG_COMPACT]     = { STR_INIT("compact"),     STR_INIT("signed_bytes must be 65 bytes: the short form of EIP-2098 is not accepted") },
	[WALLET_SIG_RECOVERY]    = { STR_INIT("recovery"),    STR_INIT("the last byte of signed_bytes must be 0, 1, 27 or 28") },
	[WALLET_SIG_RANGE]       = { STR_INIT("range"),       STR_INIT("signed_bytes contains a number that is zero or not below the order of the curve") },
	[WALLET_SIG_HIGH_S]      = { STR_INIT("high_s"),      STR_INIT("signed_bytes has a high s; send the equivalent signature with the low s (EIP-2)") },
	[WALLET_SIG_ENVELOPE]    = { STR_INIT("envelope"),    STR_INIT("the off-chain message in signed_bytes is malformed, or has another address or text") },
	[WALLET_SIG_TRANSACTION] = { STR_INIT("transaction"), STR_INIT("the signed message could be a transaction") },
	[WALLET_SIG_OTHER]       = { STR_INIT("other"),       STR_INIT("the signature is from another wallet, or of another message") },
};
/* clang-format on */

struct str wallet_sig_name(enum wallet_sig verdict)
{
	return verdicts[verdict].name;
}

struct str wallet_sig_message(enum wallet_sig verdict)
{
	return verdicts[verdict].message;
}
