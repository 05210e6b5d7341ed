/* Checks that a wallet signed a message (starkfi-kyc-api.md 6.3).
 * EVM: 65 bytes in hex, a signature of the exact bytes by EIP-191. From each signature a second, equivalent
 * one can be computed; only the one with the low s is accepted. The short form of EIP-2098 is not accepted.
 * Signatures of contract wallets (EIP-1271, EIP-6492) are recognised, but they cannot be verified without a
 * node of the wallet's chain.
 * Solana: 64 bytes in base58, an Ed25519 signature of the message itself or of the off-chain message that
 * hardware wallets sign for it. Messages that could be a transaction are rejected.
 *
 * Takes no lock and allocates nothing. It can be called from any thread; callers call it outside of store
 * transactions, because one verification takes about 40 microseconds. A Solana signature does not state which
 * form was signed, and the forms share no computation: the signature of a current device takes two
 * verifications, that of an old device four, that of an off-chain message of version 1 five, and a wrong
 * signature six (one more for a message of one line). */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* Checks a signature. crypto_start() must have been called. `message` is the exact bytes that were signed;
 * `signature` is the text from the request, of any length. White space and invisible characters around it are
 * ignored. */
enum wallet_sig wallet_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
/* Like wallet_sig_check(), for a Solana off-chain message of an application. `application` is the
 * application's 32 bytes ("application domain") or an empty slice. A signature without an envelope does not
 * contain them, so the caller must know them. Ignored for EVM wallets. */
enum wallet_sig wallet_sig_check_application(
	const struct wallet *w, struct str message, struct str signature, struct str application) must_use;
