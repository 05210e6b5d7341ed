/* The hosted page: shows the page of a session, optionally in the language in the link's path, and accepts
 * the chosen scenario, from the page's form or as JSON. */
#pragma once

#include "sandbox/request/request_ctx.h"

void serve_page(struct request_ctx *ctx);
void serve_page_in_language(struct request_ctx *ctx);
/* Serves the style sheet of the page. */
void serve_asset(struct request_ctx *ctx);
void serve_submit(struct request_ctx *ctx);
void serve_submit_in_language(struct request_ctx *ctx);
/* Writes the session's callback URL with the query parameters verificationSessionId and status. They are
 * added to an existing query and placed before a fragment (didit-api.md 10). Bytes that are not printable
 * ASCII are percent-encoded, as a Location header requires. */
enum err return_url_write(struct arena *a, const struct sandbox_session *session, struct str *out) must_use;
/* Appends a URL or a path to `out`, percent-encoded for a Location header. */
void location_write(struct buf *out, struct str url);
