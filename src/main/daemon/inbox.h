/* GET /sandbox/inbox of development mode: the e-mails that were captured instead of sent, as JSON or, if the
 * client accepts text/html, as a page. */
#pragma once

#include "http/message.h"
#include "main/daemon/compose.h"

struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena);
