/* What a look at a wallet's signature found, and how it is said. */
#pragma once

#include "base/str.h"

/* What is wrong with a signature. */
enum wallet_sig {
	WALLET_SIG_VALID,
	WALLET_SIG_CODING,	/* EVM: not hex; Solana: not base58 */
	WALLET_SIG_LENGTH,	/* not 65 bytes, not 64 bytes and no envelope */
	WALLET_SIG_COMPACT,	/* 64 bytes for an EVM wallet (EIP-2098) */
	WALLET_SIG_RECOVERY,	/* v is none of 0, 1, 27, 28 */
	WALLET_SIG_RANGE,	/* r or s is zero or not below the order of the curve */
	WALLET_SIG_HIGH_S,	/* the other one of the two signatures (EIP-2) */
	WALLET_SIG_ENVELOPE,	/* an off-chain message that is malformed, or of another address or text */
	WALLET_SIG_TRANSACTION, /* the message could be a transaction */
	WALLET_SIG_OTHER,	/* of another wallet or over another message */
};

/* One word for programs ("high_s"), and a sentence for who made the request. */
struct str wallet_sig_name(enum wallet_sig verdict);
struct str wallet_sig_message(enum wallet_sig verdict);
