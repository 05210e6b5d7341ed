#include "text/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* `struct js` is never defined: its pointers are jansson's. */
static const json_t *jansson_of(const struct js *value)
{
	return (const json_t *)(const void *)value;
}

/* jansson asks for a mutable value where it only looks, and for giving it back. */
static json_t *mutable_of(const struct js *value)
{
	return (json_t *)(uintptr_t)value;
}

static const struct js *js_of(const json_t *value)
{
	return (const struct js *)(const void *)value;
}

/* `stopped` is where a repeated key was seen: the byte behind its second writing. */
static enum err parse(struct str text, bool refuse_repeated, const struct js **out, size_t *stopped)
{
	const size_t flags = JSON_DECODE_ANY | (refuse_repeated ? JSON_REJECT_DUPLICATES : 0);
	json_error_t error;

	/* jansson (2.14) swallows a NUL behind a number or a word */
	if (str_has(text, '\0'))
		return ERR_INPUT;
	const json_t *const document = json_loadb(text.p, text.n, flags, &error);
	if (document) {
		*out = js_of(document);
		return OK;
	}
	switch ((int)json_error_code(&error)) {
	case json_error_duplicate_key:
		*stopped = (size_t)error.position;
		return ERR_CONFLICT;
	case json_error_out_of_memory:
		return ERR_INTERNAL;
	default:
		return ERR_INPUT;
	}
}

enum err js_open(struct str text, bool refuse_repeated, const struct js **out)
{
	size_t stopped;

	return parse(text, refuse_repeated, out, &stopped);
}

void js_close(const struct js *document)
{
	json_decref(mutable_of(document));
}

/* The JSON text that ends with the quote before `end`. A quote after an odd number of backslashes belongs to
 * it. */
static struct str quoted_before(struct str text, size_t end)
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

enum err js_repeated_key(struct arena *a, struct str text, struct str *key)
{
	const struct js *document cleanup_with(js_cleanup) = NULL;
	size_t stopped = 0;
	const enum err e = parse(text, true, &document, &stopped);

	if (e != ERR_CONFLICT)
		return e == OK ? ERR_NOT_FOUND : e;
	if (stopped < 2 || stopped > text.n || text.p[stopped - 1] != '"')
		return ERR_INPUT; /* a jansson that counts in another way */
	TRY(js_open(quoted_before(text, stopped), false, &document));
	const struct str copy = arena_copy(a, js_text(document));
	if (!copy.p)
		return ERR_INTERNAL;
	*key = copy;
	return OK;
}

enum js_kind js_kind(const struct js *value)
{
	static const enum js_kind kinds[] = {
		[JSON_OBJECT] = JS_OBJECT,
		[JSON_ARRAY] = JS_ARRAY,
		[JSON_STRING] = JS_TEXT,
		[JSON_INTEGER] = JS_INT,
		[JSON_REAL] = JS_REAL,
		[JSON_TRUE] = JS_BOOL,
		[JSON_FALSE] = JS_BOOL,
		[JSON_NULL] = JS_NULL,
	};

	return value ? kinds[json_typeof(jansson_of(value))] : JS_ABSENT;
}

const struct js *js_get(const struct js *object, const char *key)
{
	return js_of(json_object_get(jansson_of(object), key));
}

size_t js_count(const struct js *array)
{
	return json_array_size(jansson_of(array));
}

const struct js *js_at(const struct js *array, size_t i)
{
	return js_of(json_array_get(jansson_of(array), i));
}

struct str js_text(const struct js *value)
{
	const json_t *const text = jansson_of(value);

	return (struct str){ json_string_value(text), json_string_length(text) };
}

bool js_int(const struct js *value, int64_t *out)
{
	if (js_kind(value) != JS_INT)
		return false;
	*out = json_integer_value(jansson_of(value));
	return true;
}

bool js_true(const struct js *value)
{
	return json_is_true(jansson_of(value));
}

bool js_same(const struct js *a, const struct js *b)
{
	return a == b || json_equal(jansson_of(a), jansson_of(b));
}

void js_begin(struct js_writer *w, struct buf *out)
{
	*w = (struct js_writer){ .out = out, .comma = false };
}

/* What stands before a value or a key, and the promise of a comma after it. */
static void next(struct js_writer *w)
{
	if (w->comma)
		buf_char(w->out, ',');
	w->comma = true;
}

static void open_bracket(struct js_writer *w, char bracket)
{
	next(w);
	buf_char(w->out, bracket);
	w->comma = false;
}

static void close_bracket(struct js_writer *w, char bracket)
{
	buf_char(w->out, bracket);
	w->comma = true;
}

void js_object(struct js_writer *w)
{
	open_bracket(w, '{');
}

void js_object_end(struct js_writer *w)
{
	close_bracket(w, '}');
}

void js_array(struct js_writer *w)
{
	open_bracket(w, '[');
}

void js_array_end(struct js_writer *w)
{
	close_bracket(w, ']');
}

void js_key(struct js_writer *w, const char *key)
{
	js_put_text(w, str_of(key));
	buf_char(w->out, ':');
	w->comma = false;
}

static bool stands_as_it_is(char c, bool is_utf8)
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

void js_put_text(struct js_writer *w, struct str s)
{
	const bool is_utf8 = str_is_utf8(s);
	size_t from = 0;

	next(w);
	buf_char(w->out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (stands_as_it_is(s.p[i], is_utf8))
			continue;
		buf_add(w->out, (struct str){ s.p + from, i - from });
		put_escaped(w->out, s.p[i]);
		from = i + 1;
	}
	buf_add(w->out, str_from(s, from));
	buf_char(w->out, '"');
}

void js_put_int(struct js_writer *w, int64_t n)
{
	next(w);
	buf_printf(w->out, "%lld", (long long)n);
}

void js_put_bool(struct js_writer *w, bool b)
{
	js_put_raw(w, b ? STR("true") : STR("false"));
}

void js_put_null(struct js_writer *w)
{
	js_put_raw(w, STR("null"));
}

void js_put_raw(struct js_writer *w, struct str json)
{
	next(w);
	buf_add(w->out, json);
}

/* The shortest of 15 to 17 significant digits that reads as the same number, and never as an integer. */
static void put_real(struct js_writer *w, double value)
{
	char text[32];

	for (int precision = 15; precision <= 17; precision++) {
		snprintf(text, sizeof(text), "%.*g", precision, value);
		if (strtod(text, NULL) == value)
			break;
	}
	js_put_raw(w, str_of(text));
	if (!strpbrk(text, ".e"))
		buf_add(w->out, STR(".0"));
}

static void put_object(struct js_writer *w, const struct js *object)
{
	json_t *const members = mutable_of(object);

	js_object(w);
	for (void *at = json_object_iter(members); at; at = json_object_iter_next(members, at)) {
		js_key(w, json_object_iter_key(at));
		js_put_value(w, js_of(json_object_iter_value(at)));
	}
	js_object_end(w);
}

static void put_array(struct js_writer *w, const struct js *array)
{
	js_array(w);
	for (size_t i = 0; i < js_count(array); i++)
		js_put_value(w, js_at(array, i));
	js_array_end(w);
}

void js_put_value(struct js_writer *w, const struct js *value)
{
	switch (js_kind(value)) {
	case JS_ABSENT:
	case JS_NULL:
		js_put_null(w);
		break;
	case JS_BOOL:
		js_put_bool(w, js_true(value));
		break;
	case JS_INT:
		js_put_int(w, json_integer_value(jansson_of(value)));
		break;
	case JS_REAL:
		put_real(w, json_real_value(jansson_of(value)));
		break;
	case JS_TEXT:
		js_put_text(w, js_text(value));
		break;
	case JS_ARRAY:
		put_array(w, value);
		break;
	case JS_OBJECT:
		put_object(w, value);
		break;
	}
}

void js_field_text(struct js_writer *w, const char *key, struct str s)
{
	js_key(w, key);
	js_put_text(w, s);
}

void js_field_int(struct js_writer *w, const char *key, int64_t n)
{
	js_key(w, key);
	js_put_int(w, n);
}

void js_field_bool(struct js_writer *w, const char *key, bool b)
{
	js_key(w, key);
	js_put_bool(w, b);
}

void js_field_null(struct js_writer *w, const char *key)
{
	js_key(w, key);
	js_put_null(w);
}
