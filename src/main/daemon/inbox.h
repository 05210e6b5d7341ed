/* Serves GET /sandbox/inbox of development mode: the e-mails that were captured instead of sent. The response
 * is JSON, or an HTML page if the client accepts text/html. */
#pragma once

#include "http/message.h"
#include "main/daemon/compose.h"

struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena);
