/* Explains why a text is not JSON. The parser returns only where it stopped. This module scans the text for
 * usual mistakes and returns the first one. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "text/input_cause.h"

/* json_parse refuses a greater depth. */
#define DEPTH_MAX 2048
/* No mistake was found yet. */
#define NOT_FOUND INPUT_CAUSE_COUNT

struct scanner {
	struct str text;
	size_t at;
	int depth;
	bool after_comma;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static bool text_has_at(const struct scanner *s, struct str part)
{
	return str_starts(str_from(s->text, s->at), part);
}

/* Reads the 4 hexadecimal digits at `at`. Returns -1 if they are not there. */
static int read_hex(struct str text, size_t at)
{
	int value = 0;

	for (size_t i = at; i < at + 4; i++) {
		const char c = i < text.n ? text.p[i] : '\0';

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/* Scans the digits of an escape sequence; `at` is just after "\u". Also skips the second half of a surrogate
 * pair. */
static enum input_cause scan_code_unit(struct scanner *s)
{
	const int unit = read_hex(s->text, s->at);

	if (unit == 0)
		return CAUSE_NUL;
	if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
		return CAUSE_ESCAPE;
	s->at += 4;
	if (unit < 0xD800 || unit > 0xDFFF)
		return NOT_FOUND;
	const int low = text_has_at(s, STR("\\u")) ? read_hex(s->text, s->at + 2) : -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return CAUSE_ESCAPE;
	s->at += 6;
	return NOT_FOUND;
}

/* `at` is behind the backslash. */
static enum input_cause scan_escape(struct scanner *s)
{
	if (s->at == s->text.n)
		return CAUSE_TRUNCATED;
	const char c = s->text.p[s->at++];
	if (c == 'u')
		return scan_code_unit(s);
	return str_has(STR("\"\\/bfnrt"), c) ? NOT_FOUND : CAUSE_ESCAPE;
}

/* Scans a string; `at` is just after the opening quote. */
static enum input_cause scan_text(struct scanner *s)
{
	while (s->at < s->text.n) {
		const char c = s->text.p[s->at++];
		enum input_cause cause = NOT_FOUND;

		if (c == '"')
			return NOT_FOUND;
		if ((unsigned char)c < ' ')
			return CAUSE_CONTROL_CHARACTER;
		if (c == '\\')
			cause = scan_escape(s);
		if (cause != NOT_FOUND)
			return cause;
	}
	return CAUSE_TRUNCATED;
}

/* Scans a word; `at` is just after its first letter. */
static enum input_cause scan_word(struct scanner *s)
{
	static const char *const literals[] = { "true", "false", "null" };
	static const char *const unknown[] = { "None", "True", "False", "NULL", "NaN", "Infinity",
		"undefined" };
	const size_t start = s->at - 1;

	while (s->at < s->text.n && is_letter(s->text.p[s->at]))
		s->at++;
	const struct str word = { s->text.p + start, s->at - start };
	for (size_t i = 0; i < array_len(literals); i++)
		if (str_eq(word, str_of(literals[i])))
			return NOT_FOUND;
	for (size_t i = 0; i < array_len(unknown); i++)
		if (str_eq(word, str_of(unknown[i])))
			return CAUSE_LITERAL;
	return s->depth == 0 && text_has_at(s, STR("=")) ? CAUSE_FORM_ENCODED : CAUSE_QUOTES;
}

/* `at` is behind a bracket. */
static enum input_cause scan_bracket(struct scanner *s, char bracket)
{
	if (bracket == '{' || bracket == '[') {
		s->after_comma = false;
		return ++s->depth > DEPTH_MAX ? CAUSE_TOO_DEEP : NOT_FOUND;
	}
	if (s->after_comma)
		return CAUSE_TRAILING_COMMA;
	if (--s->depth < 0)
		return CAUSE_SYNTAX;
	return s->depth == 0 && str_trim(str_from(s->text, s->at)).n > 0 ? CAUSE_EXTRA_TEXT : NOT_FOUND;
}

/* Scans a character that no other function handles; `at` is just after it. It can begin a comment, be another
 * kind of quote (such as U+2018 to U+201F), or belong to a number. */
static enum input_cause scan_other(struct scanner *s, char c)
{
	const char next = s->at < s->text.n ? s->text.p[s->at] : '\0';

	if (c == '#' || (c == '/' && (next == '/' || next == '*')))
		return CAUSE_COMMENT;
	s->at--;
	if (c == '\'' || c == '`' || text_has_at(s, STR("\xE2\x80\x98")) ||
		text_has_at(s, STR("\xE2\x80\x99")) || text_has_at(s, STR("\xE2\x80\x9C")) ||
		text_has_at(s, STR("\xE2\x80\x9D")) || text_has_at(s, STR("\xE2\x80\x9E")))
		return CAUSE_QUOTES;
	s->at++;
	return str_has(STR("0123456789+-.:"), c) ? NOT_FOUND : CAUSE_SYNTAX;
}

static enum input_cause scan_token(struct scanner *s)
{
	const char c = s->text.p[s->at++];

	if (str_has(STR(" \t\r\n"), c))
		return NOT_FOUND;
	if (c == ',') {
		const bool is_second = s->after_comma;

		s->after_comma = true;
		return is_second ? CAUSE_SYNTAX : NOT_FOUND;
	}
	if (str_has(STR("{}[]"), c))
		return scan_bracket(s, c);
	s->after_comma = false;
	if (c == '"')
		return scan_text(s);
	return is_letter(c) ? scan_word(s) : scan_other(s, c);
}

static bool is_utf16(struct str text)
{
	return str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF")) ||
	       (text.n >= 2 && (text.p[0] == '\0') != (text.p[1] == '\0'));
}

enum input_cause input_cause_of_json(struct str text)
{
	struct scanner s = { .text = text };

	if (str_starts(text, STR("\xEF\xBB\xBF")))
		return CAUSE_BOM;
	if (is_utf16(text))
		return CAUSE_ENCODING;
	if (str_has(text, '\0'))
		return CAUSE_NUL;
	if (!str_is_utf8(text))
		return CAUSE_ENCODING;
	while (s.at < text.n) {
		const enum input_cause cause = scan_token(&s);

		if (cause != NOT_FOUND)
			return cause;
	}
	return s.depth > 0 ? CAUSE_TRUNCATED : CAUSE_SYNTAX;
}
