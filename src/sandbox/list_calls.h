/* GET /v3/sessions/: the newest first, filtered, a page at a time (didit-api.md 4.4). */
#pragma once

#include "sandbox/visit.h"

#define LIST_DEFAULT 50
#define LIST_MAX 100

void serve_list(struct visit *visit);
