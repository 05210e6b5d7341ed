/* The hosted page's calls: a person's visit, also in the language that the link names, and the choice of an
 * outcome by the page's form or as JSON. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_page(struct request_ctx *ctx);
void serve_page_in_language(struct request_ctx *ctx);
void serve_submit(struct request_ctx *ctx);
/* `callback` with verificationSessionId and status added: before a fragment, behind a query that is there
 * already (didit-api.md 10). Fit for a Location header: what is no printable ASCII is percent-encoded. */
enum err return_url_write(struct arena *a, const struct sandbox_session *session, struct str *out) must_use;
/* A URL or path for a Location header. */
void location_write(struct buf *out, struct str url);
