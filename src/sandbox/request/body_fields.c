#include "sandbox/request/body_fields.h"

#include "net/https_client.h"
#include "sandbox/state/state.h"

static bool has_control_or_space(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F)
			return true;
	return false;
}

bool is_http_url(struct arena *a, struct str s)
{
	struct str scheme, host, port;

	if (!s.n || s.n > SANDBOX_URL_MAX || has_control_or_space(s))
		return false;
	return url_parts(a, s, &scheme, &host, &port);
}

size_t utf8_length(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

bool read_url_field(struct request_ctx *ctx, const struct json_value *body, const char *field, bool required,
	struct str *out)
{
	static const char *const messages[] = {
		"This field is required.",
		"This field may not be null.",
		"Not a valid string.",
		"This field may not be blank.",
		"Enter a valid URL.",
	};
	const struct json_value *const value = json_get(body, field);
	const enum json_kind kind = json_kind_of(value);
	const struct str url = json_text(value);

	if (!required && (kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL))
		return true;
	if (kind == JSON_KIND_TEXT && is_http_url(ctx->arena, url)) {
		*out = url;
		return true;
	}
	respond_field_error(ctx, field,
		messages[kind == JSON_KIND_ABSENT ? 0
			 : kind == JSON_KIND_NULL ? 1
			 : kind != JSON_KIND_TEXT ? 2
			 : str_trim(url).n == 0	  ? 3
						  : 4]);
	return false;
}

bool read_text_field(struct request_ctx *ctx, const struct json_value *body, const char *field, size_t max,
	struct str *out)
{
	const struct json_value *const value = json_get(body, field);
	const enum json_kind kind = json_kind_of(value);
	const struct str text = json_text(value);

	if (kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL)
		return true;
	if (kind != JSON_KIND_TEXT) {
		respond_field_error(ctx, field, "Not a valid string.");
		return false;
	}
	if (utf8_length(text) > max) {
		respond_field_error(ctx, field, "Ensure this field has fewer characters.");
		return false;
	}
	*out = text;
	return true;
}

const struct json_value *read_json_body(struct request_ctx *ctx)
{
	const struct json_value *document = NULL;
	const struct str body = ctx->request->body;

	if (!request_body_is(ctx, STR("application/json"))) {
		respond_detail(ctx, 415, "Unsupported media type in request.");
		return NULL;
	}
	if (json_parse(body.n ? body : STR("{}"), false, &document) != OK) {
		respond_detail(ctx, 400, "JSON parse error");
		return NULL;
	}
	if (json_kind_of(document) != JSON_KIND_OBJECT) {
		json_free(document);
		respond_field_error(ctx, "non_field_errors", "Invalid data. Expected a dictionary.");
		return NULL;
	}
	return document;
}
