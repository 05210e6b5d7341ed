#include "text/digit_input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/unicode.h"

/* Characters that are removed in addition to blanks: the hyphens, dashes and minus signs that people put
 * between groups of digits (Dash_Punctuation, Unicode 15). */
static const struct {
	uint32_t first, last;
} dashes[] = {
	{ 0x002D, 0x002D }, /* hyphen-minus */
	{ 0x2010, 0x2015 }, /* hyphens and dashes */
	{ 0x2212, 0x2212 }, /* minus */
	{ 0xFE58, 0xFE58 }, /* small dash */
	{ 0xFE63, 0xFE63 }, /* small hyphen */
	{ 0xFF0D, 0xFF0D }, /* full-width hyphen */
};

static bool is_ignored(uint32_t c)
{
	for (size_t i = 0; i < array_len(dashes); i++)
		if (c >= dashes[i].first && c <= dashes[i].last)
			return true;
	return unicode_is_blank(c);
}

enum err digit_input_normalise(struct arena *a, struct str typed, struct str *out)
{
	char *const text = arena_bytes(a, typed.n + 1, 1);
	size_t n = 0;

	if (!text)
		return ERR_INTERNAL;
	for (size_t i = 0; i < typed.n;) {
		const size_t step = utf8_width(str_from(typed, i));
		const uint32_t c = utf8_decode(typed.p + i, step);
		const char digit = unicode_digit(c);

		if (digit) {
			text[n++] = digit;
		} else if (!is_ignored(c)) {
			memcpy(text + n, typed.p + i, step);
			n += step;
		}
		i += step;
	}
	*out = (struct str){ text, n };
	return OK;
}

/* Length in bytes of the digit at the start of the text; 0 if the text does not start with a digit. */
static size_t digit_width(struct str s)
{
	if (s.n == 0)
		return 0;
	const size_t n = utf8_width(s);
	return unicode_digit(utf8_decode(s.p, n)) ? n : 0;
}

size_t digit_input_prefix(struct str text)
{
	size_t n = 0;

	for (size_t w = digit_width(text); w > 0; w = digit_width(text)) {
		text = str_from(text, w);
		n++;
	}
	return n;
}

void digit_input_group(struct buf *out, struct str text)
{
	while (text.n > 0) {
		const size_t run = digit_input_prefix(text);

		for (size_t left = run; left > 0; left--) {
			const size_t w = digit_width(text);

			if (run >= AUTOFILL_DIGITS && left < run && left % 3 == 0)
				buf_add(out, STR("\u202F"));
			buf_add(out, (struct str){ text.p, w });
			text = str_from(text, w);
		}
		if (text.n > 0) {
			buf_char(out, text.p[0]);
			text = str_from(text, 1);
		}
	}
}
