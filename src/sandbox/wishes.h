/* Single fields of a create, checked as Didit's framework does: each refusal is field → message. What
 * versions share. */
#pragma once

#include <stdbool.h>

#include "sandbox/visit.h"
#include "text/json.h"

/* An absolute http(s) URL in printable ASCII or UTF-8, at most SANDBOX_URL_MAX bytes. */
bool wish_is_url(struct arena *a, struct str s);
/* Each answers its refusal and gives false. Absent and null leave `out` alone where the field is not
 * required. */
bool wish_url(struct visit *visit, const struct json_value *body, const char *field, bool required,
	struct str *out);
/* `max` characters. */
bool wish_text(
	struct visit *visit, const struct json_value *body, const char *field, size_t max, struct str *out);
size_t wish_characters(struct str s);
/* The body as a JSON object, to be closed; NULL: refused. No body is an empty object. */
const struct json_value *wish_body(struct visit *visit);
