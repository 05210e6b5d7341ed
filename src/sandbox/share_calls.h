/* Reuse between partners (didit-api.md 4.4): a finished session is shared by a token that lives for an hour,
 * and imported once as a session of its own. */
#pragma once

#include "sandbox/visit.h"

void serve_share(struct visit *visit);
void serve_import(struct visit *visit);
