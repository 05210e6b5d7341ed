/* What the values of a body may be, as tables: a field, the test of its value, the message of its refusal
 * (didit-api.md 4.2). Absent and null pass every test. */
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

/* True, or the refusal of the first that does not fit was answered: `within` names the object that the fields
 * are in, NULL for the body itself. */
bool validate_fields(struct request_ctx *ctx, const struct json_value *object, const char *within,
	const struct field_check *checks, size_t n);

/* 8-4-4-4-12 hex digits of any version. */
bool is_uuid_text(struct str s);
/* Of the page, as Didit spells it (didit-api.md 4.2). */
bool is_language(struct str s);

bool fits_uuid(struct arena *a, const struct json_value *value);
bool fits_text(struct arena *a, const struct json_value *value); /* SANDBOX_VENDOR_MAX characters */
bool fits_comment(struct arena *a, const struct json_value *value);
bool fits_url(struct arena *a, const struct json_value *value);
bool fits_bool(struct arena *a, const struct json_value *value);
bool fits_object(struct arena *a, const struct json_value *value); /* SANDBOX_JSON_MAX, not too deep */
bool fits_json(struct arena *a, const struct json_value *value);   /* the same, of any kind */
bool fits_email(struct arena *a, const struct json_value *value);
bool fits_phone(struct arena *a, const struct json_value *value); /* E.164 */
bool fits_language(struct arena *a, const struct json_value *value);
bool fits_date(struct arena *a, const struct json_value *value);    /* "1990-02-03" */
bool fits_country(struct arena *a, const struct json_value *value); /* alpha-3 */
bool fits_gender(struct arena *a, const struct json_value *value);
bool fits_ip(struct arena *a, const struct json_value *value);
bool fits_document_types(struct arena *a, const struct json_value *value);
bool fits_image(struct arena *a, const struct json_value *value); /* base64, 2 MB */
bool fits_callback_method(struct arena *a, const struct json_value *value);
bool fits_scenario(struct arena *a, const struct json_value *value);
