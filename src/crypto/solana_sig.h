/* Signatures of Solana wallets: Ed25519 (libsodium) with strict checks: S is below L, neither the key nor R
 * has small order, and all encodings are canonical (stricter than RFC 8032 5.1.7). */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* Like wallet_sig_check(), for a wallet whose chain is WALLET_SOLANA. `signature` is base58 of one of these:
 * - 64 bytes: a signature of the message, or of an off-chain message (version 0 or 1) with this text and no
 *   application;
 * - an envelope, as Ledger's tools and @solana/offchain-messages write it: the number 1, the 64 bytes, and
 * the off-chain message that was signed, with any application. `application` is empty, or the 32 bytes of the
 * application in the off-chain message; then 64 bytes can only be a signature of an off-chain message of
 * version 0 with this application. */
enum wallet_sig solana_sig_check(
	const struct wallet *w, struct str message, struct str signature, struct str application) must_use;
