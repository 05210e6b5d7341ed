/* Reads a JSON body and single fields of a create request, for all API versions. The response to an invalid
 * field is that of Didit's framework: 400 with a map from the field to a list of messages. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

/* Returns true for an absolute http or https URL in printable ASCII or UTF-8 of at most SANDBOX_URL_MAX
 * bytes. */
bool is_http_url(struct arena *a, struct str s);
/* Reads a field that must be an http or https URL. If it is invalid, writes the error response and returns
 * false. An optional field that is absent or null leaves `out` unchanged. */
bool read_url_field(struct request_ctx *ctx, const struct json_value *body, const char *field, bool required,
	struct str *out);
/* Reads an optional text of at most `max` characters. If it is invalid, writes the error response and returns
 * false. A field that is absent or null leaves `out` unchanged. */
bool read_text_field(struct request_ctx *ctx, const struct json_value *body, const char *field, size_t max,
	struct str *out);
/* The length in characters. */
size_t utf8_length(struct str s);
/* Parses the body as a JSON object, which the caller frees. An empty body counts as an empty object. If the
 * body is invalid, writes the error response and returns NULL. */
const struct json_value *read_json_body(struct request_ctx *ctx);
