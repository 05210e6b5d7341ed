/* Could these bytes be a Solana transaction's message? Who signs such bytes moves money with them, so a
 * signature over them proves nothing to us. More is taken for one than the network takes: indices and counts
 * are not held against each other. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

/* Legacy or version 0, from the first byte to the last; or what begins as a later version and is no text. */
bool is_solana_transaction(struct str bytes) must_use;
