/* Signatures of EVM wallets: who signed is recovered from the signature (libsecp256k1) and compared. */
#pragma once

#include "base/str.h"
#include "crypto/wallet.h"
#include "crypto/wallet_verdict.h"

/* As wallet_sig_check(), for a wallet of WALLET_EVM. */
enum wallet_sig evm_sig_check(const struct wallet *w, struct str message, struct str signature) must_use;
