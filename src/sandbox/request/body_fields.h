/* Reads a JSON body and single fields of a create request, for all API versions. An invalid field is answered
 * as Didit's framework does it: 400 with a map from the field to a list of messages. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

/* An absolute http(s) URL in printable ASCII or UTF-8, at most SANDBOX_URL_MAX bytes. */
bool is_http_url(struct arena *a, struct str s);
/* These two return false after writing the error response if the field is invalid. An optional field that is
 * absent or null leaves `out` unchanged. */
bool read_url_field(struct request_ctx *ctx, const struct json_value *body, const char *field, bool required,
	struct str *out);
/* An optional text of at most `max` characters. */
bool read_text_field(struct request_ctx *ctx, const struct json_value *body, const char *field, size_t max,
	struct str *out);
/* The length in characters. */
size_t utf8_length(struct str s);
/* Parses the body as a JSON object, which the caller frees. An empty body counts as an empty object. Returns
 * NULL after writing the error response. */
const struct json_value *read_json_body(struct request_ctx *ctx);
