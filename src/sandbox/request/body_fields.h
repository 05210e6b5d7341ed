/* Single fields of a create, checked as Didit's framework does: each refusal is field → message. What
 * versions share. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

/* An absolute http(s) URL in printable ASCII or UTF-8, at most SANDBOX_URL_MAX bytes. */
bool is_http_url(struct arena *a, struct str s);
/* Each answers its refusal and gives false. Absent and null leave `out` alone where the field is not
 * required. */
bool read_url_field(struct request_ctx *ctx, const struct json_value *body, const char *field, bool required,
	struct str *out);
/* `max` characters. */
bool read_text_field(struct request_ctx *ctx, const struct json_value *body, const char *field, size_t max,
	struct str *out);
size_t utf8_length(struct str s);
/* The body as a JSON object, to be closed; NULL: refused. No body is an empty object. */
const struct json_value *read_json_body(struct request_ctx *ctx);
