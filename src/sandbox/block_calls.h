/* /v3/blocklist/: what of a session is on the block list (didit-api.md 4.4). It is a list and no more: how a
 * check ends is chosen, here as in Didit's own sandbox. */
#pragma once

#include "sandbox/visit.h"

void serve_block(struct visit *visit);
void serve_unblock(struct visit *visit);
void serve_blocklist(struct visit *visit);
