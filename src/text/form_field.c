#include "text/form_field.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"
#include "text/digit_input.h"
#include "text/email.h"

/* RFC 5646 section 4.4.1 recommends to support tags of at least 35 characters. */
#define LANGUAGE_MAX 35

/* Returns whether the text contains a control character: C0, DEL or C1 (U+0080 to U+009F). */
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

/* Parses the text of a field of one kind. ERR_INPUT: malformed; ERR_INTERNAL: out of memory. */
typedef enum err field_parser(const struct field *field, struct str text, struct arena *a, struct str *out);

static enum err parse_text(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	assert(field->min <= field->max && field->max > 0);
	if (text.n < field->min || text.n > field->max || has_control(text))
		return ERR_INPUT;
	return copy_text(a, text, out);
}

size_t field_length(const struct field *field, struct str text)
{
	size_t n = 0;

	if (field->kind == FIELD_WORDS)
		return field_count_words(text);
	if (field->kind != FIELD_CHARACTERS)
		return text.n;
	/* Every byte but a continuation byte of UTF-8 begins a character. */
	for (size_t i = 0; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
	return n;
}

static enum err parse_characters(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	const size_t n = field_length(field, text);

	assert(field->min <= field->max && field->max > 0);
	if (n < field->min || n > field->max || has_control(text))
		return ERR_INPUT;
	return copy_text(a, text, out);
}

static enum err parse_exact(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	assert(field->min <= field->max && field->max > 0);
	return text.n < field->min || text.n > field->max ? ERR_INPUT : copy_text(a, text, out);
}

static enum err parse_email(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	return email_normalise(a, text, out);
}

static enum err parse_digits(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	return digit_input_normalise(a, text, out);
}

/* Returns whether the text has only the characters of language tags (ASCII letters, digits, hyphens; RFC 5646
 * section 2.1) or the underscore of locale names. */
static bool has_tag_characters(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '-' || c == '_'))
			return false;
	}
	return true;
}

/* The language is stored unencrypted. A text with characters that cannot occur in a language tag could be
 * personal data, so it counts as absent. */
static enum err parse_language(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	if (!has_tag_characters(text))
		return OK;
	return copy_text(a, (struct str){ text.p, text.n < LANGUAGE_MAX ? text.n : LANGUAGE_MAX }, out);
}

/* Checks the value. read_fields converts the digits. */
static enum err parse_integer(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	int64_t value;

	assert(field->min <= field->max);
	if (!str_number(text, (int64_t)field->max, &value) || value < (int64_t)field->min)
		return ERR_INPUT;
	return copy_text(a, text, out);
}

size_t field_count_words(struct str words)
{
	size_t n = words.n > 0 ? 1 : 0;

	for (size_t i = 0; i < words.n; i++)
		n += words.p[i] == ',' ? 1 : 0;
	return n;
}

static enum err parse_words(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	const size_t n = field_count_words(text);

	return n < field->min || n > field->max || has_control(text) ? ERR_INPUT : copy_text(a, text, out);
}

static enum err parse_flag(
	const struct field *field maybe_unused, struct str text, struct arena *a, struct str *out)
{
	if (!str_eq(text, STR("true")) && !str_eq(text, STR("false")))
		return ERR_INPUT;
	return copy_text(a, text, out);
}

static field_parser *const field_parsers[] = {
	[FIELD_TEXT] = parse_text,
	[FIELD_CHARACTERS] = parse_characters,
	[FIELD_SCALAR] = parse_text,
	[FIELD_EXACT] = parse_exact,
	[FIELD_EMAIL] = parse_email,
	[FIELD_DIGITS] = parse_digits,
	[FIELD_LANGUAGE] = parse_language,
	[FIELD_INTEGER] = parse_integer,
	[FIELD_WORDS] = parse_words,
	[FIELD_FLAG] = parse_flag,
};

enum err field_parse(const struct field *field, struct str text, struct arena *a, struct str *out)
{
	return field_parsers[field->kind](field, text, a, out);
}

void field_fill(const struct field *field, struct str value, char *body)
{
	struct form_integer integer = { .is_given = value.p != NULL };

	static_assert(sizeof(integer) == sizeof(value), "every member has the same size");
	if (field->kind != FIELD_INTEGER && field->kind != FIELD_FLAG) {
		memcpy(body + field->offset, &value, sizeof(value));
		return;
	}
	if (field->kind == FIELD_FLAG)
		integer.value = str_eq(value, STR("true"));
	else if (value.p)
		(void)str_number(value, (int64_t)field->max, &integer.value);
	memcpy(body + field->offset, &integer, sizeof(integer));
}
