#include "text/form.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "text/digit_input.h"
#include "text/email.h"
#include "text/encode.h"
#include "text/json.h"

/* RFC 5646 4.4.1: 35 characters hold every tag in sensible use. */
#define LANGUAGE_MAX 35

/* What a body or a query says about one field, whatever it was written in. */
struct given {
	enum { NOT_GIVEN, GIVEN_TEXT, GIVEN_OTHER, GIVEN_BROKEN } how;
	struct str text;
};

/* C0, DEL and C1 (U+0080 to U+009F). */
static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7F)
			return true;
		if (c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xA0)
			return true;
	}
	return false;
}

static enum err copy_text(struct arena *a, struct str s, struct str *out)
{
	const struct str copy = arena_copy(a, s);

	if (!copy.p)
		return ERR_INTERNAL;
	*out = copy;
	return OK;
}

/* How a field of each kind is taken from its trimmed text. ERR_INPUT: malformed, ERR_INTERNAL: no memory. */
typedef enum err taker(const struct field *field, struct str text, struct arena *a, struct str *out);

static enum err take_text(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	assert(field->min <= field->max && field->max > 0);
	if (text.n < field->min || text.n > field->max || has_control(text))
		return ERR_INPUT;
	return copy_text(a, text, out);
}

static enum err take_exact(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	assert(field->min <= field->max && field->max > 0);
	return text.n < field->min || text.n > field->max ? ERR_INPUT : copy_text(a, text, out);
}

static enum err take_email(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	return email_normalise(a, text, out);
}

static enum err take_digits(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	return digit_input_normalise(a, text, out);
}

/* Letters and digits of ASCII, with hyphens (RFC 5646 2.1), or the underscores of locales. */
static bool is_tag(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '-' || c == '_'))
			return false;
	}
	return true;
}

/* It is kept in clear: what is no tag might be anything, a name or an address, and counts as not given. */
static enum err take_language(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	if (!is_tag(text))
		return OK;
	return copy_text(a, (struct str){ text.p, text.n < LANGUAGE_MAX ? text.n : LANGUAGE_MAX }, out);
}

static taker *const takers[] = {
	[FIELD_TEXT] = take_text,
	[FIELD_EXACT] = take_exact,
	[FIELD_EMAIL] = take_email,
	[FIELD_DIGITS] = take_digits,
	[FIELD_LANGUAGE] = take_language,
};

static enum form_verdict respond(struct arena *a, const char *who, const char *what, struct str *why)
{
	const struct str sentence = arena_printf(a, "%s %s", who, what);

	if (!sentence.p)
		return FORM_TOO_LARGE;
	*why = sentence;
	return FORM_MALFORMED;
}

/* FORM_READ leaves `value` alone when the field is not there. */
static enum form_verdict read_field(const struct field *field, const struct given *given, struct arena *a,
	struct str *value, struct str *why)
{
	static const char *const complaints[] = {
		[GIVEN_OTHER] = "must be a string",
		[GIVEN_BROKEN] = "is malformed",
	};
	const struct str text = str_trim(given->text);

	if (given->how == NOT_GIVEN || (given->how == GIVEN_TEXT && text.n == 0))
		return FORM_READ;
	if (given->how != GIVEN_TEXT && field->kind == FIELD_LANGUAGE)
		return FORM_READ;
	if (given->how != GIVEN_TEXT)
		return respond(a, field->name, complaints[given->how], why);

	switch (takers[field->kind](field, field->kind == FIELD_EXACT ? given->text : text, a, value)) {
	case OK:
		return FORM_READ;
	case ERR_INTERNAL:
		return FORM_TOO_LARGE;
	case ERR_INPUT:
	case ERR_NOT_FOUND:
	case ERR_CONFLICT:
	case ERR_BUSY:
	case ERR_UPSTREAM:
	case ERR_STORAGE:
	case ERR_COUNT:
		break;
	}
	return respond(a, field->name, "is malformed", why);
}

static enum form_verdict missing(const struct form *form, struct str *why)
{
	*why = str_of(form->missing);
	return FORM_MISSING;
}

static enum form_verdict read_fields(
	const struct form *form, const struct given *given, struct arena *a, void **body, struct str *why)
{
	char *const filled = arena_bytes(a, form->size, _Alignof(max_align_t));
	bool has_one = false;

	assert(!form->one_of || (form->one_of_first > 0 && form->one_of_first <= form->n));
	if (!filled)
		return FORM_TOO_LARGE;
	for (size_t i = 0; i < form->n; i++) {
		const struct field *const field = &form->fields[i];
		struct str value = { NULL, 0 };
		const enum form_verdict verdict = read_field(field, &given[i], a, &value, why);

		if (verdict != FORM_READ)
			return verdict;
		has_one = has_one || value.p;
		if (!value.p && field->presence == FIELD_REQUIRED)
			return missing(form, why);
		if (form->one_of && i + 1 == form->one_of_first && !has_one)
			return missing(form, why);
		assert(field->offset + sizeof(value) <= form->size);
		memcpy(filled + field->offset, &value, sizeof(value));
	}
	*body = filled;
	return FORM_READ;
}

static struct given given_in(const struct json_value *object, const char *name)
{
	const struct json_value *const value = json_get(object, name);

	switch (json_kind_of(value)) {
	case JSON_KIND_ABSENT:
	case JSON_KIND_NULL:
		return (struct given){ .how = NOT_GIVEN };
	case JSON_KIND_TEXT:
		return (struct given){ .how = GIVEN_TEXT, .text = json_text(value) };
	case JSON_KIND_BOOL:
	case JSON_KIND_INT:
	case JSON_KIND_REAL:
	case JSON_KIND_ARRAY:
	case JSON_KIND_OBJECT:
		break;
	}
	return (struct given){ .how = GIVEN_OTHER };
}

/* The field of that name, or form->n. */
static size_t field_named(const struct form *form, struct str name)
{
	size_t i = 0;

	while (i < form->n && !str_eq(str_of(form->fields[i].name), name))
		i++;
	return i;
}

/* Only a name that stands in the table is said aloud: the others are somebody's text. */
static enum form_verdict say_repeated(
	const struct form *form, struct str text, struct arena *a, struct str *why)
{
	struct str key = { NULL, 0 };
	const enum err e = json_duplicate_key(a, text, &key);
	const size_t i = e == OK ? field_named(form, key) : form->n;

	if (e == ERR_INTERNAL)
		return FORM_TOO_LARGE;
	return respond(a, i < form->n ? form->fields[i].name : "a field", "is given twice", why);
}

enum form_verdict form_read_json(
	const struct form *form, struct str text, struct arena *a, void **body, struct str *why)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct given *const given = arena_array(a, struct given, form->n);

	if (!given)
		return FORM_TOO_LARGE;
	const enum err e = json_parse(str_trim(text).n ? text : STR("{}"), true, &document);
	if (e == ERR_INTERNAL)
		return FORM_TOO_LARGE;
	if (e == ERR_CONFLICT)
		return say_repeated(form, text, a, why);
	if (e != OK || json_kind_of(document) != JSON_KIND_OBJECT)
		return respond(a, "body", "must be a JSON object", why);

	for (size_t i = 0; i < form->n; i++)
		given[i] = given_in(document, form->fields[i].name);
	return read_fields(form, given, a, body, why);
}

/* Query strings turn the "+" of an address into a space when a client forgets to escape it. */
static struct str with_plus(struct str decoded, struct arena *a)
{
	const struct str trimmed = str_trim(decoded);
	char *const text = arena_bytes(a, trimmed.n + 1, 1);

	if (!text)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < trimmed.n; i++)
		text[i] = trimmed.p[i] == ' ' ? '+' : trimmed.p[i];
	return (struct str){ text, trimmed.n };
}

/* ERR_INTERNAL: no memory. A value that cannot be decoded is noted in `given`. */
static enum err take_parameter(
	const struct field *field, struct str value, struct arena *a, struct given *given)
{
	struct str text = { NULL, 0 };

	const enum err e = percent_decode_query(a, value, &text);
	if (e == ERR_INPUT) {
		given->how = GIVEN_BROKEN;
		return OK;
	}
	TRY(e);
	if (field->kind == FIELD_EMAIL)
		text = with_plus(text, a);
	if (!text.p)
		return ERR_INTERNAL;
	*given = (struct given){ .how = GIVEN_TEXT, .text = text };
	return OK;
}

/* The parameters of a query so far. */
struct seen {
	struct str names[FORM_PARAMETERS_MAX];
	size_t n;
};

static bool is_repeated(const struct seen *seen, struct str name)
{
	for (size_t i = 0; i < seen->n; i++)
		if (str_eq(seen->names[i], name))
			return true;
	return false;
}

/* One `name=value`. FORM_READ: the next one may come. */
static enum form_verdict read_parameter(const struct form *form, struct str parameter, struct arena *a,
	struct given *given, struct seen *seen, struct str *why)
{
	struct str name;

	str_cut(&parameter, '=', &name);
	const enum err e = seen->n < array_len(seen->names) ? percent_decode_query(a, name, &name)
							    : ERR_INPUT;
	if (e == ERR_INPUT)
		return respond(a, "query", "is malformed", why);
	if (e != OK)
		return FORM_TOO_LARGE;
	const size_t i = field_named(form, name);
	if (is_repeated(seen, name))
		return respond(a, i < form->n ? form->fields[i].name : "a field", "is given twice", why);
	seen->names[seen->n++] = name;
	if (i < form->n && take_parameter(&form->fields[i], parameter, a, &given[i]) != OK)
		return FORM_TOO_LARGE;
	return FORM_READ;
}

enum form_verdict form_read_query(
	const struct form *form, struct str query, struct arena *a, void **body, struct str *why)
{
	struct given *const given = arena_array(a, struct given, form->n);
	struct seen seen = { .n = 0 };
	struct str parameter;

	if (!given)
		return FORM_TOO_LARGE;
	while (query.n > 0) {
		str_cut(&query, '&', &parameter);
		const enum form_verdict verdict = read_parameter(form, parameter, a, given, &seen, why);
		if (verdict != FORM_READ)
			return verdict;
	}
	return read_fields(form, given, a, body, why);
}
