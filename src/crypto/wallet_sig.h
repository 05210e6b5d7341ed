/* Checks that a wallet signed a message (starkfi-kyc-api.md 6.3).
 * EVM: EIP-191 over the exact bytes; 65 bytes in hex. Of the two equivalent signatures that can be computed
 * from one another, only the one with the low s is accepted; the short form of EIP-2098 is not. Signatures of
 * contract wallets (EIP-1271, EIP-6492) are recognised, but cannot be verified without a node of their chain.
 * Solana: Ed25519, 64 bytes in base58, over the message itself or over the off-chain message that hardware
 * wallets sign for it. Bytes that could be a transaction are refused.
 *
 * Takes no lock and allocates nothing: call it from any thread, outside of store transactions. One
 * verification takes about 40 microseconds. A Solana signature does not state which form was signed, and the
 * forms share no computation: the signature of a current device takes two verifications, that of an old
 * device four, that of an off-chain message of version 1 five, and a wrong one six (one more for a message of
 * one line). */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* crypto_start() must have been called. `message` is the exact bytes that were signed; `signature` is the
 * text of the request, of any length. White space and invisible characters around it are ignored. */
enum wallet_sig wallet_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
/* The same for a signature of a Solana off-chain message with an application ("application domain"): 32
 * bytes, or an empty slice. Without an envelope, a signature does not contain it. Ignored for EVM wallets. */
enum wallet_sig wallet_sig_check_application(
	const struct wallet *w, struct str message, struct str signature, struct str application) must_use;
