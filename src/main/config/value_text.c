#include "main/config/value_text.h"

#include <string.h>

#define BYTE_ORDER_MARK STR("\xef\xbb\xbf")
/* A text without "/" that is longer than this is treated as a secret and not as the path of its file. Paths
 * without "/" are rarely so long, and generated secrets are longer. */
#define SHORT_PATH 24

/* Returns true for settings whose text is written for people. Such a text may contain quotes, `#` and
 * characters of other scripts. */
static bool is_prose(enum setting_kind kind)
{
	return kind == SETTING_LINE || kind == SETTING_MAILBOX;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'' || c == '`';
}

static char last_char(struct str text)
{
	return text.p[text.n - 1];
}

/* Removes a pair of quotes around the text. A comment may follow the closing quote. Returns false if the text
 * is not in quotes. */
static bool remove_quotes(struct str *text)
{
	struct str rest = str_from(*text, 1), inside;

	if (!is_quote(text->p[0]) || !str_cut(&rest, text->p[0], &inside))
		return false;
	rest = str_trim(rest);
	if (rest.n > 0 && rest.p[0] != '#' && rest.p[0] != ';')
		return false;
	*text = inside;
	return true;
}

static size_t count_char(struct str text, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == c;
	return n;
}

/* Returns true if the text has a quote that does not belong there. Prose may contain pairs of quotes ("Acme"
 * <a@b.example>) and apostrophes (Dunkin'). */
static bool has_stray_quote(enum setting_kind kind, struct str text)
{
	const char first = text.p[0], last = last_char(text);

	if (kind == SETTING_LINE)
		return (first == '"' && last == '"') || count_char(text, '"') % 2 == 1;
	if (kind == SETTING_MAILBOX)
		return first == '\'' || first == '`' || is_quote(last) || count_char(text, '"') % 2 == 1;
	return is_quote(first) || is_quote(last);
}

/* A value may begin with the two slashes, as one in 4,096 base64 texts does. They begin a comment there only
 * if a blank follows. */
static bool begins_with_slash_comment(struct str text)
{
	return str_starts(text, STR("//")) && (text.n == 2 || is_blank(text.p[2]));
}

static bool has_comment(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const struct str rest = str_from(text, i);
		const bool begins_comment = text.p[i] == '#' || text.p[i] == ';' ||
					    (i == 0 ? begins_with_slash_comment(rest)
						    : str_starts(rest, STR("//")));

		if (begins_comment && (i == 0 || is_blank(text.p[i - 1])))
			return true;
	}
	return false;
}

static bool has_control_character(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return true;
	return false;
}

/* Returns true if the text contains a no-break space, a soft hyphen, or a zero-width or direction mark. Web
 * pages and messengers add these characters to copied text. */
static bool has_invisible_character(struct str text)
{
	static const char *const invisible[] = { "\xc2\xa0", "\xc2\xad", "\xe2\x80\x8b", "\xe2\x80\x8c",
		"\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xaf", "\xe2\x81\xa0",
		"\xef\xbb\xbf" };

	for (size_t i = 0; i < array_len(invisible); i++)
		if (memmem(text.p, text.n, invisible[i], strlen(invisible[i])))
			return true;
	return false;
}

/* Returns true if the text begins with U+2018, U+2019, U+201C or U+201D, the typographic quotes that word
 * processors insert. */
static bool is_in_typographic_quotes(struct str text)
{
	static const char *const quotes[] = { "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9c",
		"\xe2\x80\x9d" };

	for (size_t i = 0; i < array_len(quotes); i++)
		if (str_starts(text, str_of(quotes[i])))
			return true;
	return false;
}

static const char *character_fault(enum setting_kind kind, struct str text)
{
	if (!str_is_utf8(text))
		return "is not UTF-8 text: write it in UTF-8";
	if (has_control_character(text))
		return "contains a line break or another control character: it must be one line";
	if (is_in_typographic_quotes(text))
		return "begins with a typographic quote: remove the quotes";
	if (!is_prose(kind) && has_invisible_character(text))
		return "contains an invisible character, such as a no-break or zero-width space: type it instead of "
		       "pasting it";
	return kind == SETTING_SECRET && str_trim(text).n != text.n
		       ? "begins or ends with a space within its quotes: remove it"
		       : NULL;
}

const char *value_text_clean(enum setting_kind kind, bool in_file, struct str *text)
{
	struct str value = str_starts(*text, BYTE_ORDER_MARK) ? str_from(*text, BYTE_ORDER_MARK.n) : *text;
	bool was_quoted;

	value = str_trim(value);
	was_quoted = value.n > 0 && remove_quotes(&value);
	if (value.n > 0 && !was_quoted && (in_file || !is_prose(kind)) && has_comment(value))
		return "contains ` #`, ` ;` or ` //`: write a comment on a line of its own. If it belongs to the "
		       "value, put the value in quotes";
	if (value.n > 0 && !was_quoted && has_stray_quote(kind, value))
		return "has a quote that is not one of a pair around the value: remove it";
	const char *const fault = value.n > 0 ? character_fault(kind, value) : NULL;
	if (!fault)
		*text = value;
	return fault;
}

bool value_text_may_be_secret(struct str path)
{
	return has_control_character(path) || memmem(path.p, path.n, "://", 3) != NULL ||
	       str_ends(path, STR("=")) || (!str_has(path, '/') && path.n > SHORT_PATH);
}
