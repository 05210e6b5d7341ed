/* Wallets for tests, with their private keys, which sign messages as a person's wallet software does. The
 * keys are derived from a one-byte seed and protect nothing. */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"

struct signing_wallet {
	struct wallet wallet;
	unsigned char secret[64];
};

/* Creates a wallet. Different seeds give different wallets; the seed must not be 0. */
struct signing_wallet signing_wallet_new(enum wallet_chain chain, unsigned char seed);

/* Signs the message and writes the signature as text with a terminating 0: hexadecimal with "0x" for EVM,
 * base58 for Solana. */
#define WALLET_SIGNATURE_SIZE 160
void signing_wallet_sign(
	const struct signing_wallet *wallet, struct str message, char out[WALLET_SIGNATURE_SIZE]);
