/* Did this wallet sign this message? (starkfi-kyc-api.md 6.3.) EVM: EIP-191 over the exact bytes, 65 bytes in
 * hex, one of the two signatures that anybody can make of one (low s) and no short form. Solana: Ed25519, 64
 * bytes in base58, over the message itself or over the off-chain message that hardware wallets make of it;
 * never over what could be a transaction. Takes no lock and no memory: any thread may ask, outside of any
 * transaction. One verification takes about 40 microseconds. A bare Solana signature does not say over what
 * it was made, and no two forms share any arithmetic: what devices sign takes two verifications, old devices'
 * and a wrong one four. */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* `crypto_start()` came before. The message is what was signed, byte by byte; the signature is the text as
 * the caller sent it, of any length. */
enum wallet_sig wallet_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
