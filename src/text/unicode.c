#include "text/unicode.h"

#define WIDTH_MAX 4 /* length in bytes of the longest UTF-8 character */
#define REPLACEMENT 0xFFFD

/* Characters that are treated as blanks: those with the property White_Space, and default-ignorable
 * characters that occur next to other text. */
static const struct {
	uint32_t first, last;
} blanks[] = {
	{ 0x0009, 0x000D }, /* tab to CR */
	{ 0x0020, 0x0020 }, /* space */
	{ 0x0085, 0x0085 }, /* next line */
	{ 0x00A0, 0x00A0 }, /* no-break space */
	{ 0x00AD, 0x00AD }, /* soft hyphen */
	{ 0x034F, 0x034F }, /* grapheme joiner */
	{ 0x061C, 0x061C }, /* Arabic letter mark */
	{ 0x1680, 0x1680 }, /* Ogham space */
	{ 0x180E, 0x180E }, /* Mongolian vowel separator */
	{ 0x2000, 0x200F }, /* wide and narrow spaces, joiners, direction marks */
	{ 0x2028, 0x202F }, /* separators, direction embeddings, narrow no-break space */
	{ 0x205F, 0x2064 }, /* mathematical space, word joiner, invisible operators */
	{ 0x2066, 0x206F }, /* direction isolates, deprecated format marks */
	{ 0x3000, 0x3000 }, /* ideographic space */
	{ 0xFE00, 0xFE0F }, /* variation selectors */
	{ 0xFEFF, 0xFEFF }, /* byte order mark, zero-width no-break space */
};

/* Code points of the digit 0 in each script (general category Nd). The digits 1 to 9 have the code points
 * after it. */
static const uint32_t zeros[] = { 0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66,
	0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810,
	0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0,
	0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0,
	0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50,
	0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0,
	0x1E950, 0x1FBF0 };

size_t utf8_width(struct str s)
{
	const unsigned char lead = (unsigned char)s.p[0];
	const size_t n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;

	return n <= s.n ? n : 1;
}

uint32_t utf8_decode(const char *p, size_t n)
{
	static const unsigned char lead_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t c = (unsigned char)p[0] & lead_bits[n];

	if (n == 1 && (unsigned char)p[0] >= 0x80)
		return REPLACEMENT;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)p[i] & 0x3F);
	return c;
}

bool unicode_is_blank(uint32_t c)
{
	for (size_t i = 0; i < array_len(blanks); i++)
		if (c >= blanks[i].first && c <= blanks[i].last)
			return true;
	return false;
}

/* Returns the length in bytes of the blank at the start of `s`, or 0 if there is none. */
static size_t blank_width(struct str s)
{
	if (s.n == 0)
		return 0;
	const size_t n = utf8_width(s);
	return str_is_utf8((struct str){ s.p, n }) && unicode_is_blank(utf8_decode(s.p, n)) ? n : 0;
}

/* Returns the length in bytes of the blank at the end of `s`, or 0 if there is none. */
static size_t last_blank_width(struct str s)
{
	for (size_t n = 1; n <= WIDTH_MAX && n <= s.n; n++)
		if (blank_width(str_from(s, s.n - n)) == n)
			return n;
	return 0;
}

struct str unicode_trim(struct str s)
{
	for (size_t n = blank_width(s); n > 0; n = blank_width(s))
		s = str_from(s, n);
	for (size_t n = last_blank_width(s); n > 0; n = last_blank_width(s))
		s.n -= n;
	return s;
}

char unicode_digit(uint32_t c)
{
	for (size_t i = 0; i < array_len(zeros) && zeros[i] <= c; i++)
		if (c <= zeros[i] + 9)
			return (char)('0' + (c - zeros[i]));
	return 0;
}
