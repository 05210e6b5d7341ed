#include "sandbox/request/validators.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/state/scenario.h"
#include "text/email.h"
#include "text/ip.h"

#define JSON_DEPTH_MAX 16
#define IMAGE_MAX ((size_t)2 * 1024 * 1024) /* bytes after decoding */

static bool is_present(const struct json_value *value)
{
	return json_kind_of(value) != JSON_KIND_ABSENT && json_kind_of(value) != JSON_KIND_NULL;
}

bool validate_fields(struct request_ctx *ctx, const struct json_value *object, const char *within,
	const struct field_check *checks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct json_value *const value = json_get(object, checks[i].field);

		if (!is_present(value) || checks[i].fits(ctx->arena, value))
			continue;
		if (within)
			respond_field_error(ctx, within,
				arena_printf(ctx->arena, "%s: %s", checks[i].field, checks[i].message).p);
		else
			respond_field_error(ctx, checks[i].field, checks[i].message);
		return false;
	}
	return true;
}

static bool is_one_of(struct str s, const char *const *words, size_t n, bool any_case)
{
	for (size_t i = 0; i < n; i++)
		if (any_case ? str_eq_nocase(s, str_of(words[i])) : str_eq(s, str_of(words[i])))
			return true;
	return false;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_uuid_text(struct str s)
{
	if (s.n != UUID_SIZE - 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? s.p[i] != '-' : !is_hex(s.p[i]))
			return false;
	}
	return true;
}

bool is_language(struct str s)
{
	static const char *const languages[] = { "en", "ar", "bg", "bn", "bs", "ca", "cnr", "cs", "da", "de",
		"el", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka",
		"kk", "ko", "ky", "lt", "lv", "mk", "mn", "ms", "nl", "no", "pl", "pt-BR", "pt", "ro", "ru",
		"sk", "sl", "so", "sq", "sr", "sv", "th", "tr", "uk", "uz", "vi", "zh-CN", "zh-TW", "zh" };

	return is_one_of(s, languages, array_len(languages), false);
}

bool fits_uuid(struct arena *a, const struct json_value *value)
{
	(void)a;
	return is_uuid_text(json_text(value));
}

static bool is_text_within(const struct json_value *value, size_t max)
{
	return json_kind_of(value) == JSON_KIND_TEXT && utf8_length(json_text(value)) <= max;
}

bool fits_text(struct arena *a, const struct json_value *value)
{
	(void)a;
	return is_text_within(value, SANDBOX_VENDOR_MAX);
}

bool fits_comment(struct arena *a, const struct json_value *value)
{
	(void)a;
	return is_text_within(value, SANDBOX_COMMENT_MAX);
}

bool fits_url(struct arena *a, const struct json_value *value)
{
	return is_http_url(a, json_text(value));
}

bool fits_bool(struct arena *a, const struct json_value *value)
{
	(void)a;
	return json_kind_of(value) == JSON_KIND_BOOL;
}

/* Returns true if the JSON is not nested too deep. Counts brackets outside of strings, which is sufficient
 * for JSON that our own writer produced. */
static bool json_depth_is_allowed(struct str json)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < json.n; i++) {
		const char c = json.p[i];

		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text && (c == '{' || c == '[') && ++depth > JSON_DEPTH_MAX)
			return false;
		else if (!in_text && (c == '}' || c == ']'))
			depth--;
	}
	return true;
}

bool fits_json(struct arena *a, const struct json_value *value)
{
	struct json_writer w;
	struct buf buf;
	struct str json;

	buf_init(&buf, a);
	json_writer_init(&w, &buf);
	json_put_value(&w, value);
	return buf_done(&buf, &json) == OK && json.n <= SANDBOX_JSON_MAX && json_depth_is_allowed(json);
}

bool fits_object(struct arena *a, const struct json_value *value)
{
	return json_kind_of(value) == JSON_KIND_OBJECT && fits_json(a, value);
}

bool fits_email(struct arena *a, const struct json_value *value)
{
	struct str address;

	return json_kind_of(value) == JSON_KIND_TEXT && email_normalise(a, json_text(value), &address) == OK;
}

static size_t count_digits_from(struct str s, size_t from)
{
	size_t n = 0;

	while (from + n < s.n && s.p[from + n] >= '0' && s.p[from + n] <= '9')
		n++;
	return n;
}

bool fits_phone(struct arena *a, const struct json_value *value)
{
	const struct str s = json_text(value);

	(void)a;
	return s.n >= 8 && s.n <= 16 && s.p[0] == '+' && s.p[1] != '0' && count_digits_from(s, 1) == s.n - 1;
}

bool fits_language(struct arena *a, const struct json_value *value)
{
	(void)a;
	return is_language(json_text(value));
}

/* moment_parse accepts no year before 1970. Because the Gregorian calendar repeats every 400 years, the same
 * day 400 years later is checked instead. */
bool fits_date(struct arena *a, const struct json_value *value)
{
	const struct str s = json_text(value);
	int64_t year;
	moment ignored;

	if (s.n != 10 || count_digits_from(s, 0) != 4 || !str_number((struct str){ s.p, 4 }, 9999, &year) ||
		year < 1800)
		return false;

	const struct str later = arena_printf(
		a, "%lld%.*sT00:00:00Z", (long long)year + 400, STR_ARG(str_from(s, 4)));

	return later.p && moment_parse(later, &ignored);
}

bool fits_country(struct arena *a, const struct json_value *value)
{
	const struct str s = json_text(value);

	(void)a;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n == 3;
}

bool fits_gender(struct arena *a, const struct json_value *value)
{
	static const char *const genders[] = { "M", "F", "U", "X" };

	(void)a;
	return is_one_of(json_text(value), genders, array_len(genders), true);
}

bool fits_ip(struct arena *a, const struct json_value *value)
{
	struct ip ip;

	(void)a;
	return ip_read(json_text(value), &ip);
}

bool fits_document_types(struct arena *a, const struct json_value *value)
{
	static const char *const types[] = { "P", "ID", "DL", "RP", "HIC", "TC", "SSC" };

	(void)a;
	if (json_kind_of(value) != JSON_KIND_ARRAY)
		return false;
	for (size_t i = 0; i < json_count(value); i++)
		if (!is_one_of(json_text(json_at(value, i)), types, array_len(types), true))
			return false;
	return true;
}

/* Accepts the standard base64 alphabet with padding. Does not accept a data URL. */
bool fits_image(struct arena *a, const struct json_value *value)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct str s = json_text(value);

	(void)a;
	if (!s.n || s.n % 4 != 0)
		return false;
	for (int i = 0; i < 2 && s.p[s.n - 1] == '='; i++)
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		if (!memchr(alphabet, s.p[i], sizeof(alphabet) - 1))
			return false;
	return s.n / 4 * 3 + s.n % 4 * 3 / 4 <= IMAGE_MAX;
}

bool fits_callback_method(struct arena *a, const struct json_value *value)
{
	static const char *const methods[] = { "initiator", "completer", "both" };

	(void)a;
	return is_one_of(json_text(value), methods, array_len(methods), false);
}

bool fits_scenario(struct arena *a, const struct json_value *value)
{
	(void)a;
	return scenario_find(json_text(value)) != NULL;
}
