/* GET /v3/sessions/: the newest first, filtered, a page at a time (didit-api.md 4.4). */
#pragma once

#include "sandbox/visit.h"

void serve_list(struct visit *visit);
