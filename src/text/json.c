#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* `struct json_value` is never defined; a pointer to it is a pointer to jansson's json_t. */
static const json_t *jansson_of(const struct json_value *value)
{
	return (const json_t *)(const void *)value;
}

/* Drops const. Some jansson functions take a non-const value although they do not change it, and freeing a
 * value needs a non-const pointer. */
static json_t *mutable_of(const struct json_value *value)
{
	return (json_t *)(uintptr_t)value;
}

static const struct json_value *json_value_of(const json_t *value)
{
	return (const struct json_value *)(const void *)value;
}

/* Parses a document. On ERR_CONFLICT, `error_position` is the offset of the byte after the second occurrence
 * of a duplicate key. */
static enum err parse_json(
	struct str text, bool reject_duplicates, const struct json_value **out, size_t *error_position)
{
	const size_t flags = JSON_DECODE_ANY | (reject_duplicates ? JSON_REJECT_DUPLICATES : 0);
	json_error_t error;

	/* jansson (2.14) ignores a NUL after a number or literal instead of rejecting it. */
	if (str_has(text, '\0'))
		return ERR_INPUT;
	const json_t *const document = json_loadb(text.p, text.n, flags, &error);
	if (document) {
		*out = json_value_of(document);
		return OK;
	}
	switch ((int)json_error_code(&error)) {
	case json_error_duplicate_key:
		*error_position = (size_t)error.position;
		return ERR_CONFLICT;
	case json_error_out_of_memory:
		return ERR_INTERNAL;
	default:
		return ERR_INPUT;
	}
}

enum err json_parse(struct str text, bool reject_duplicates, const struct json_value **out)
{
	size_t error_position;

	return parse_json(text, reject_duplicates, out, &error_position);
}

void json_free(const struct json_value *document)
{
	json_decref(mutable_of(document));
}

/* Returns the JSON string, with its quotes, that ends directly before `end`. Searches backwards for the
 * opening quote; a quote after an odd number of backslashes is escaped and part of the string. */
static struct str json_string_ending_at(struct str text, size_t end)
{
	size_t start = end - 1;

	while (start > 0) {
		size_t slashes = 0;

		if (text.p[--start] != '"')
			continue;
		while (slashes < start && text.p[start - 1 - slashes] == '\\')
			slashes++;
		if (slashes % 2 == 0)
			break;
	}
	return (struct str){ text.p + start, end - start };
}

enum err json_duplicate_key(struct arena *a, struct str text, struct str *key)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	size_t error_position = 0;
	const enum err e = parse_json(text, true, &document, &error_position);

	if (e != ERR_CONFLICT)
		return e == OK ? ERR_NOT_FOUND : e;
	if (error_position < 2 || error_position > text.n || text.p[error_position - 1] != '"')
		return ERR_INPUT; /* no key ends here, because this version of jansson reports another
				     position */
	TRY(json_parse(json_string_ending_at(text, error_position), false, &document));
	const struct str copy = arena_copy(a, json_text(document));
	if (!copy.p)
		return ERR_INTERNAL;
	*key = copy;
	return OK;
}

enum json_kind json_kind_of(const struct json_value *value)
{
	static const enum json_kind kinds[] = {
		[JSON_OBJECT] = JSON_KIND_OBJECT,
		[JSON_ARRAY] = JSON_KIND_ARRAY,
		[JSON_STRING] = JSON_KIND_TEXT,
		[JSON_INTEGER] = JSON_KIND_INT,
		[JSON_REAL] = JSON_KIND_REAL,
		[JSON_TRUE] = JSON_KIND_BOOL,
		[JSON_FALSE] = JSON_KIND_BOOL,
		[JSON_NULL] = JSON_KIND_NULL,
	};

	return value ? kinds[json_typeof(jansson_of(value))] : JSON_KIND_ABSENT;
}

const struct json_value *json_get(const struct json_value *object, const char *key)
{
	return json_value_of(json_object_get(jansson_of(object), key));
}

void json_each_member(const struct json_value *object,
	void (*visit)(void *arg, struct str key, const struct json_value *value), void *arg)
{
	json_t *const members = mutable_of(object);

	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at))
		visit(arg, str_of(json_object_iter_key(at)), json_value_of(json_object_iter_value(at)));
}

size_t json_count(const struct json_value *array)
{
	return json_array_size(jansson_of(array));
}

const struct json_value *json_at(const struct json_value *array, size_t i)
{
	return json_value_of(json_array_get(jansson_of(array), i));
}

struct str json_text(const struct json_value *value)
{
	const json_t *const text = jansson_of(value);

	return (struct str){ json_string_value(text), json_string_length(text) };
}

bool json_int(const struct json_value *value, int64_t *out)
{
	if (json_kind_of(value) != JSON_KIND_INT)
		return false;
	*out = json_integer_value(jansson_of(value));
	return true;
}

bool json_bool(const struct json_value *value)
{
	return json_is_true(jansson_of(value));
}

bool json_same(const struct json_value *a, const struct json_value *b)
{
	return a == b || json_equal(jansson_of(a), jansson_of(b));
}

void json_writer_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out, .comma = false };
}

/* Writes a comma before a value or key if one is needed. Sets w->comma, because the next value or key needs
 * one. */
static void begin_value(struct json_writer *w)
{
	if (w->comma)
		buf_char(w->out, ',');
	w->comma = true;
}

static void put_open_bracket(struct json_writer *w, char bracket)
{
	begin_value(w);
	buf_char(w->out, bracket);
	w->comma = false;
}

static void put_close_bracket(struct json_writer *w, char bracket)
{
	buf_char(w->out, bracket);
	w->comma = true;
}

void json_begin_object(struct json_writer *w)
{
	put_open_bracket(w, '{');
}

void json_end_object(struct json_writer *w)
{
	put_close_bracket(w, '}');
}

void json_begin_array(struct json_writer *w)
{
	put_open_bracket(w, '[');
}

void json_end_array(struct json_writer *w)
{
	put_close_bracket(w, ']');
}

void json_key(struct json_writer *w, const char *key)
{
	json_put_text(w, str_of(key));
	buf_char(w->out, ':');
	w->comma = false;
}

static bool needs_no_escape(char c, bool is_utf8)
{
	return (unsigned char)c >= ' ' && c != '"' && c != '\\' && (is_utf8 || (unsigned char)c < 0x80);
}

static void put_escaped(struct buf *out, char c)
{
	static const char named[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
	const unsigned char byte = (unsigned char)c;

	if (byte >= 0x80)
		buf_add(out, STR("\xEF\xBF\xBD"));
	else if (c == '"' || c == '\\')
		buf_add(out, (struct str){ (const char[]){ '\\', c }, 2 });
	else if (byte < sizeof(named) && named[byte])
		buf_add(out, (struct str){ (const char[]){ '\\', named[byte] }, 2 });
	else
		buf_printf(out, "\\u%04x", (unsigned)byte);
}

void json_put_text(struct json_writer *w, struct str s)
{
	const bool is_utf8 = str_is_utf8(s);
	size_t from = 0;

	begin_value(w);
	buf_char(w->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (needs_no_escape(s.p[i], is_utf8))
			continue;
		buf_add(w->out, (struct str){ s.p + from, i - from });
		put_escaped(w->out, s.p[i]);
		from = i + 1;
	}
	buf_add(w->out, str_from(s, from));
	buf_char(w->out, '"');
}

void json_put_int(struct json_writer *w, int64_t n)
{
	begin_value(w);
	buf_printf(w->out, "%lld", (long long)n);
}

void json_put_bool(struct json_writer *w, bool b)
{
	json_put_raw(w, b ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w)
{
	json_put_raw(w, STR("null"));
}

void json_put_raw(struct json_writer *w, struct str json)
{
	begin_value(w);
	buf_add(w->out, json);
}

/* Writes the smallest number of significant digits (15 to 17) that gives the same number when it is read
 * again. Adds ".0" if the text would otherwise be an integer. */
static void put_real(struct json_writer *w, double value)
{
	char text[32];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	json_put_raw(w, str_of(text));
	if (!strpbrk(text, ".e"))
		buf_add(w->out, STR(".0"));
}

static void put_object(struct json_writer *w, const struct json_value *object)
{
	json_t *const members = mutable_of(object);

	json_begin_object(w);
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		json_key(w, json_object_iter_key(at));
		json_put_value(w, json_value_of(json_object_iter_value(at)));
	}
	json_end_object(w);
}

static void put_array(struct json_writer *w, const struct json_value *array)
{
	json_begin_array(w);
	for (size_t i = 0; i < json_count(array); i++)
		json_put_value(w, json_at(array, i));
	json_end_array(w);
}

void json_put_value(struct json_writer *w, const struct json_value *value)
{
	switch (json_kind_of(value)) {
	case JSON_KIND_ABSENT:
	case JSON_KIND_NULL:
		json_put_null(w);
		break;
	case JSON_KIND_BOOL:
		json_put_bool(w, json_bool(value));
		break;
	case JSON_KIND_INT:
		json_put_int(w, json_integer_value(jansson_of(value)));
		break;
	case JSON_KIND_REAL:
		put_real(w, json_real_value(jansson_of(value)));
		break;
	case JSON_KIND_TEXT:
		json_put_text(w, json_text(value));
		break;
	case JSON_KIND_ARRAY:
		put_array(w, value);
		break;
	case JSON_KIND_OBJECT:
		put_object(w, value);
		break;
	}
}

void json_field_text(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, key);
	json_put_text(w, s);
}

void json_field_int(struct json_writer *w, const char *key, int64_t n)
{
	json_key(w, key);
	json_put_int(w, n);
}

void json_field_bool(struct json_writer *w, const char *key, bool b)
{
	json_key(w, key);
	json_put_bool(w, b);
}

void json_field_null(struct json_writer *w, const char *key)
{
	json_key(w, key);
	json_put_null(w);
}
