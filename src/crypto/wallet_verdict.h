/* The results of checking a wallet's signature, with a name and a message for each. */
#pragma once

#include "base/str.h"

/* The result of wallet_sig_check(): valid, or what is wrong with the signature. */
enum wallet_sig {
	WALLET_SIG_VALID,
	WALLET_SIG_CODING,	/* EVM: not hex; Solana: not base58 */
	WALLET_SIG_LENGTH,	/* EVM: fewer than 65 bytes; Solana: neither 64 bytes nor an envelope */
	WALLET_SIG_CONTRACT,	/* a contract wallet's signature (EIP-1271, EIP-6492) for an EVM wallet */
	WALLET_SIG_COMPACT,	/* EVM: the short form of 64 bytes (EIP-2098), which is not accepted */
	WALLET_SIG_RECOVERY,	/* the recovery id v is none of 0, 1, 27, 28 */
	WALLET_SIG_RANGE,	/* r or s is zero or not below the order of the curve */
	WALLET_SIG_HIGH_S,	/* s is above half the order; the equivalent signature has a low s (EIP-2) */
	WALLET_SIG_ENVELOPE,	/* the off-chain message is malformed, or has another address or text */
	WALLET_SIG_TRANSACTION, /* the message could be a transaction */
	WALLET_SIG_OTHER,	/* the signature is from another wallet, or for another message */
};

/* Returns a word for programs, e.g. "high_s". */
struct str wallet_sig_name(enum wallet_sig verdict);
/* Returns a sentence for the developer who made the request. */
struct str wallet_sig_message(enum wallet_sig verdict);
