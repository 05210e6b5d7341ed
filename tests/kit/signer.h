/* Wallets of tests, which sign as people's do. What they sign with is in every checkout of this file. */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"

struct kit_wallet {
	struct wallet wallet;
	unsigned char secret[64];
};

/* Another seed, another wallet; 0 is none. */
struct kit_wallet kit_wallet(enum wallet_chain chain, unsigned char seed);

/* `signed_bytes` for that message: hex, or base58. */
#define KIT_SIGNED_SIZE 160
void kit_sign(const struct kit_wallet *w, struct str message, char out[KIT_SIGNED_SIZE]);
