#include "text/digit_input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

/* Characters that are removed: White_Space, Dash_Punctuation, and the default-ignorable marks that keyboards,
 * bidirectional text and copying from an e-mail can add (Unicode 15). */
static const struct range ignored_ranges[] = {
	{ 0x0009, 0x000D }, /* tab to CR */
	{ 0x0020, 0x0020 }, /* space */
	{ 0x002D, 0x002D }, /* hyphen-minus */
	{ 0x0085, 0x0085 }, /* next line */
	{ 0x00A0, 0x00A0 }, /* no-break space */
	{ 0x00AD, 0x00AD }, /* soft hyphen */
	{ 0x034F, 0x034F }, /* grapheme joiner */
	{ 0x061C, 0x061C }, /* Arabic letter mark */
	{ 0x1680, 0x1680 }, /* Ogham space */
	{ 0x180E, 0x180E }, /* Mongolian vowel separator */
	{ 0x2000, 0x200F }, /* wide and narrow spaces, joiners, direction marks */
	{ 0x2010, 0x2015 }, /* hyphens and dashes */
	{ 0x2028, 0x202F }, /* separators, direction embeddings, narrow no-break space */
	{ 0x205F, 0x2064 }, /* mathematical space, word joiner, invisible operators */
	{ 0x2066, 0x206F }, /* direction isolates, deprecated format marks */
	{ 0x2212, 0x2212 }, /* minus */
	{ 0x3000, 0x3000 }, /* ideographic space */
	{ 0xFE00, 0xFE0F }, /* variation selectors */
	{ 0xFE58, 0xFE58 }, /* small dash */
	{ 0xFE63, 0xFE63 }, /* small hyphen */
	{ 0xFEFF, 0xFEFF }, /* byte order mark */
	{ 0xFF0D, 0xFF0D }, /* full-width hyphen */
};

/* Code points of the digit 0 in scripts whose digits are accepted; the digits 1 to 9 follow it. */
static const uint32_t zero_digits[] = { 0x0660, 0x06F0, 0xFF10 };

static bool is_ignored(uint32_t c)
{
	for (size_t i = 0; i < array_len(ignored_ranges); i++)
		if (c >= ignored_ranges[i].first && c <= ignored_ranges[i].last)
			return true;
	return false;
}

/* The ASCII digit with the same value as the non-ASCII digit `c`; 0 if `c` is not one. */
static char ascii_digit(uint32_t c)
{
	for (size_t i = 0; i < array_len(zero_digits); i++)
		if (c >= zero_digits[i] && c <= zero_digits[i] + 9)
			return (char)('0' + (c - zero_digits[i]));
	return 0;
}

/* Length in bytes of the UTF-8 character that starts with `lead`; 1 for a continuation byte. */
static size_t char_width(unsigned char lead)
{
	if (lead >= 0xF0)
		return 4;
	if (lead >= 0xE0)
		return 3;
	return lead >= 0xC0 ? 2 : 1;
}

static uint32_t decode_char(const char *p, size_t n)
{
	static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t c = (unsigned char)p[0] & lead_bits[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3F);
	return c;
}

enum err digit_input_normalise(struct arena *a, struct str typed, struct str *out)
{
	char *const text = arena_bytes(a, typed.n + 1, 1);
	size_t n = 0;

	if (!text)
		return ERR_INTERNAL;
	for (size_t i = 0; i < typed.n;) {
		const size_t declared_width = char_width((unsigned char)typed.p[i]);
		const size_t step = declared_width <= typed.n - i ? declared_width : 1;
		const uint32_t c = decode_char(typed.p + i, step);
		const char digit = ascii_digit(c);

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
	size_t n;

	if (s.n == 0)
		return 0;
	if (s.p[0] >= '0' && s.p[0] <= '9')
		return 1;
	n = char_width((unsigned char)s.p[0]);
	return n > 1 && n <= s.n && ascii_digit(decode_char(s.p, n)) ? n : 0;
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
