/* Signatures of Solana wallets: Ed25519 (libsodium) with strict checks: S is below L, neither the key nor R
 * has small order, and all encodings are canonical (stricter than RFC 8032 5.1.7). */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* Like wallet_sig_check(), for a wallet whose chain is WALLET_SOLANA. `signature` is base58 of one of these:
 * - 64 bytes: a signature of the message, or of an off-chain message with this text and no application;
 * - an envelope, which Ledger's tools return: the number 1, the 64 bytes, and the off-chain message that was
 *   signed, with any application. */
enum wallet_sig solana_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
