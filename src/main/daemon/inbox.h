/* GET /sandbox/inbox of dev mode: the letters that were not sent, as JSON for programs and as a page for
 * people. */
#pragma once

#include "http/message.h"
#include "main/daemon/compose.h"

struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena);
