/* Signatures of Solana wallets: Ed25519 (libsodium), strict: S below L, no key and no R of small order,
 * canonical encodings only (RFC 8032 5.1.7 and more). */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* As wallet_sig_check(), for a wallet of WALLET_SOLANA. The text is base58 of 64 bytes, made over the message
 * or over an off-chain message of it (with no application); or of what Ledger's tools give out: the number 1,
 * the 64 bytes, and the off-chain message that they sign, with any application. */
enum wallet_sig solana_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
