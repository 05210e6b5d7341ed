/* Validation of request bodies by tables: each row names a field, the check of its value, and the message for
 * an invalid value (didit-api.md 4.2). A field that is absent or null is always valid. */
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

/* Returns true if all fields are valid. Otherwise writes the error response for the first invalid one and
 * returns false. `within` names the object that contains the fields; NULL: the body itself. */
bool validate_fields(struct request_ctx *ctx, const struct json_value *object, const char *within,
	const struct field_check *checks, size_t n);

/* 8-4-4-4-12 hex digits of any version. */
bool is_uuid_text(struct str s);
/* One of the language tags that Didit accepts for the hosted page (didit-api.md 4.2). Case-sensitive. */
bool is_language(struct str s);

/* Checks for struct field_check. The arena is for temporary memory. */
bool fits_uuid(struct arena *a, const struct json_value *value);
bool fits_text(struct arena *a, const struct json_value *value);    /* up to SANDBOX_VENDOR_MAX characters */
bool fits_comment(struct arena *a, const struct json_value *value); /* up to SANDBOX_COMMENT_MAX characters */
bool fits_url(struct arena *a, const struct json_value *value);
bool fits_bool(struct arena *a, const struct json_value *value);
bool fits_json(struct arena *a, const struct json_value *value); /* up to SANDBOX_JSON_MAX bytes, 16 levels */
bool fits_object(struct arena *a, const struct json_value *value); /* object within the same limits */
bool fits_email(struct arena *a, const struct json_value *value);
bool fits_phone(struct arena *a, const struct json_value *value); /* E.164 */
bool fits_language(struct arena *a, const struct json_value *value);
bool fits_date(struct arena *a, const struct json_value *value);    /* "1990-02-03" */
bool fits_country(struct arena *a, const struct json_value *value); /* ISO 3166-1 alpha-3, upper case */
bool fits_gender(struct arena *a, const struct json_value *value);
bool fits_ip(struct arena *a, const struct json_value *value);
bool fits_document_types(struct arena *a, const struct json_value *value);
bool fits_image(struct arena *a, const struct json_value *value); /* base64, up to 2 MB decoded */
bool fits_callback_method(struct arena *a, const struct json_value *value);
bool fits_scenario(struct arena *a, const struct json_value *value);
