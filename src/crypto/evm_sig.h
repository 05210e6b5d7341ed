/* Checks signatures of EVM wallets: computes the signing address from the signature (libsecp256k1) and
 * compares it with the wallet's address. */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* Like wallet_sig_check(), for a wallet whose chain is WALLET_EVM. */
enum wallet_sig evm_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
