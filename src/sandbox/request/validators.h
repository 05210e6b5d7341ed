/* Validates request bodies by tables. Each row has the name of a field, the check of its value, and the
 * message for an invalid value (didit-api.md 4.2). A field that is absent or null is always valid. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/request/request_ctx.h"
#include "text/json.h"

struct field_check {
	const char *field;
	bool (*fits)(struct arena *a, const struct json_value *value);
	const char *message;
};

/* Returns true if all fields are valid. Otherwise writes the error response for the first invalid field and
 * returns false. `within` is the name of the object that contains the fields, or NULL for the body itself. */
bool validate_fields(struct request_ctx *ctx, const struct json_value *object, const char *within,
	const struct field_check *checks, size_t n);

/* Returns true for 8-4-4-4-12 hex digits, which is a UUID of any version. */
bool is_uuid_text(struct str s);
/* Returns true for the language tags that Didit accepts for the hosted page (didit-api.md 4.2). Case
 * matters. */
bool is_language(struct str s);

/* Checks for struct field_check: each returns true if the value is valid. The arena is for temporary
 * memory. */
bool fits_uuid(struct arena *a, const struct json_value *value);
bool fits_text(struct arena *a, const struct json_value *value);    /* up to SANDBOX_VENDOR_MAX characters */
bool fits_comment(struct arena *a, const struct json_value *value); /* up to SANDBOX_COMMENT_MAX characters */
bool fits_url(struct arena *a, const struct json_value *value);
bool fits_bool(struct arena *a, const struct json_value *value);
/* At most SANDBOX_JSON_MAX bytes and 16 levels. */
bool fits_json(struct arena *a, const struct json_value *value);
bool fits_object(struct arena *a, const struct json_value *value); /* object within the same limits */
bool fits_email(struct arena *a, const struct json_value *value);
bool fits_phone(struct arena *a, const struct json_value *value); /* E.164 */
bool fits_language(struct arena *a, const struct json_value *value);
bool fits_date(struct arena *a, const struct json_value *value);    /* "1990-02-03" */
bool fits_country(struct arena *a, const struct json_value *value); /* ISO 3166-1 alpha-3, upper case */
bool fits_gender(struct arena *a, const struct json_value *value);
bool fits_ip(struct arena *a, const struct json_value *value);
bool fits_document_types(struct arena *a, const struct json_value *value);
bool fits_image(struct arena *a, const struct json_value *value); /* base64 of at most 2 MB of data */
bool fits_callback_method(struct arena *a, const struct json_value *value);
bool fits_scenario(struct arena *a, const struct json_value *value);
