#include "provider/error_body.h"

#include "text/json.h"

/* Longer error bodies are not parsed. Didit's error bodies are short, so a longer one must be the page of a
 * proxy. */
#define ERROR_BODY_MAX ((size_t)4096)

static const char *const text_keys[] = { "detail", "message", "error", "error_description", "code", "title" };
/* Keys under which an error body may have its map of fields. Without such a key, the body itself is the
 * map. */
static const char *const map_keys[] = { "errors", "detail", "fields" };

static bool contains_nocase(struct str text, struct str word)
{
	for (size_t i = 0; i + word.n <= text.n; i++)
		if (str_eq_nocase((struct str){ text.p + i, word.n }, word))
			return true;
	return false;
}

static bool mentions_credits(struct str text)
{
	return contains_nocase(text, STR("credit")) || contains_nocase(text, STR("balance"));
}

/* Returns true if the error is about missing credits. The whole body is searched for the word "credit" only
 * if it has no reason text and names no field of the request: the word may be part of a repeated request
 * value, such as the callback URL. */
static bool is_credits_error(const struct json_value *document, struct str body)
{
	static const char *const reason_keys[] = { "detail", "message", "error" };
	static const char *const field_keys[] = { "callback", "vendor_data", "workflow_id", "features",
		"language" };
	bool has_other_reason = false;

	if (str_starts(json_text(json_get(document, "code")), STR("contract_billing")))
		return true;
	for (size_t i = 0; i < array_len(reason_keys); i++) {
		const struct str text = json_text(json_get(document, reason_keys[i]));

		has_other_reason = has_other_reason || text.n > 0;
		if (mentions_credits(text))
			return true;
	}
	for (size_t i = 0; i < array_len(field_keys); i++)
		has_other_reason = has_other_reason || json_get(document, field_keys[i]) != NULL;
	return !has_other_reason && mentions_credits(body);
}

static bool is_text_key(struct str key)
{
	for (size_t i = 0; i < array_len(text_keys); i++)
		if (str_eq(key, str_of(text_keys[i])))
			return true;
	return false;
}

/* Returns true if the value can be the messages about one field: a text, a list of texts, or a map if the
 * field is an object. */
static bool is_messages(const struct json_value *value)
{
	const enum json_kind kind = json_kind_of(value);

	return kind == JSON_KIND_TEXT || kind == JSON_KIND_ARRAY || kind == JSON_KIND_OBJECT;
}

struct field_list {
	char *out;
	size_t n;
};

static void add_field(void *arg, struct str key, const struct json_value *value)
{
	struct field_list *const list = arg;
	const size_t left = PROVIDER_FAILURE_TEXT_SIZE - list->n;

	/* Field names that do not fit into the list are left out. */
	if (is_text_key(key) || !is_messages(value) || key.n == 0 || key.n + 2 > left)
		return;
	if (list->n > 0)
		list->out[list->n++] = ',';
	list->n += provider_word_copy(key, list->out + list->n, PROVIDER_FAILURE_TEXT_SIZE - list->n);
}

static void read_fields(const struct json_value *document, char *out)
{
	struct field_list list = { out, 0 };
	bool has_map = false;

	for (size_t i = 0; i < array_len(map_keys); i++) {
		const struct json_value *const map = json_get(document, map_keys[i]);

		has_map = has_map || json_kind_of(map) == JSON_KIND_OBJECT;
		json_each_member(map, add_field, &list);
	}
	if (!has_map)
		json_each_member(document, add_field, &list);
}

void error_body_read(struct str body, struct error_body *out)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;

	*out = (struct error_body){ .is_json = false };
	if (body.n == 0 || body.n > ERROR_BODY_MAX || json_parse(body, false, &document) != OK)
		return;
	out->is_json = json_kind_of(document) == JSON_KIND_OBJECT ||
		       json_kind_of(document) == JSON_KIND_ARRAY;
	out->is_credits = is_credits_error(document, body);
	if (!out->is_credits)
		read_fields(document, out->fields);
}
