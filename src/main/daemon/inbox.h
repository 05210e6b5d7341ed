/* Serves the inbox of development mode, the e-mails that were captured instead of sent: GET /sandbox/inbox as
 * JSON, or as an HTML page if the client accepts text/html, and GET /sandbox/inbox/{id}/html, the HTML part
 * of one e-mail. E-mails are untrusted: their texts are escaped, and browsers run and load nothing of an HTML
 * part. */
#pragma once

#include "http/message.h"
#include "main/daemon/compose.h"

/* Returns whether the path is one of the inbox. */
bool inbox_has_path(struct str path);
struct reply inbox_show(struct runtime *runtime, const struct request *request, struct arena *arena);
