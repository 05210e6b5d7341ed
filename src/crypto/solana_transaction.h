/* Recognises bytes that could be the message of a Solana transaction. A signature of such bytes can move
 * money, so kycd does not accept it as proof of a wallet. The check accepts more than the network does,
 * because it does not compare indices with counts. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

/* Returns true when the bytes as a whole are a legacy or version 0 message, or when they begin like a later
 * version and are not UTF-8 text. */
bool is_solana_transaction(struct str bytes) must_use;
