#include "domain/printable.h"

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

/* Characters that have no visible glyph (Unicode 15). */
enum invisible {
	/* Control and format characters, line separators, private use and noncharacters (Cc, Cf, Zl, Zp, Co).
	 * They are not allowed. */
	CHAR_REFUSED,
	/* Spaces and fillers (Zs and similar). They are allowed if the text also has a visible character. */
	CHAR_BLANK
};

/* clang-format off */
static const struct {
	uint32_t from, to;
	enum invisible kind;
} invisible_ranges[] = {
	{ 0x0000,   0x001f,   CHAR_REFUSED },
	{ 0x0020,   0x0020,   CHAR_BLANK },
	{ 0x007f,   0x009f,   CHAR_REFUSED },
	{ 0x00a0,   0x00a0,   CHAR_BLANK },
	{ 0x00ad,   0x00ad,   CHAR_REFUSED },
	{ 0x034f,   0x034f,   CHAR_BLANK },
	{ 0x0600,   0x0605,   CHAR_REFUSED },
	{ 0x061c,   0x061c,   CHAR_REFUSED },
	{ 0x06dd,   0x06dd,   CHAR_REFUSED },
	{ 0x070f,   0x070f,   CHAR_REFUSED },
	{ 0x0890,   0x0891,   CHAR_REFUSED },
	{ 0x08e2,   0x08e2,   CHAR_REFUSED },
	{ 0x115f,   0x1160,   CHAR_BLANK },
	{ 0x1680,   0x1680,   CHAR_BLANK },
	{ 0x17b4,   0x17b5,   CHAR_BLANK },
	{ 0x180b,   0x180d,   CHAR_BLANK },
	{ 0x180e,   0x180e,   CHAR_REFUSED },
	{ 0x180f,   0x180f,   CHAR_BLANK },
	{ 0x2000,   0x200a,   CHAR_BLANK },
	{ 0x200b,   0x200f,   CHAR_REFUSED },
	{ 0x2028,   0x202e,   CHAR_REFUSED },
	{ 0x202f,   0x202f,   CHAR_BLANK },
	{ 0x205f,   0x205f,   CHAR_BLANK },
	{ 0x2060,   0x206f,   CHAR_REFUSED },
	{ 0x2800,   0x2800,   CHAR_BLANK },
	{ 0x3000,   0x3000,   CHAR_BLANK },
	{ 0x3164,   0x3164,   CHAR_BLANK },
	{ 0xe000,   0xf8ff,   CHAR_REFUSED },
	{ 0xfdd0,   0xfdef,   CHAR_REFUSED },
	{ 0xfe00,   0xfe0f,   CHAR_BLANK },
	{ 0xfeff,   0xfeff,   CHAR_REFUSED },
	{ 0xffa0,   0xffa0,   CHAR_BLANK },
	{ 0xfff0,   0xfffb,   CHAR_REFUSED },
	{ 0x110bd,  0x110bd,  CHAR_REFUSED },
	{ 0x110cd,  0x110cd,  CHAR_REFUSED },
	{ 0x13430,  0x1343f,  CHAR_REFUSED },
	{ 0x1bca0,  0x1bca3,  CHAR_REFUSED },
	{ 0x1d173,  0x1d17a,  CHAR_REFUSED },
	{ 0xe0000,  0xe00ff,  CHAR_REFUSED },
	{ 0xe0100,  0xe01ef,  CHAR_BLANK },
	{ 0xe01f0,  0xe0fff,  CHAR_REFUSED },
	{ 0xf0000,  0x10ffff, CHAR_REFUSED },
};
/* clang-format on */

/* Removes the first character from well-formed UTF-8 and returns its code point. */
static uint32_t split_first_char(struct str *s)
{
	const unsigned char first = (unsigned char)s->p[0];
	const size_t n = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? first : first & (0x7fU >> n);

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s->p[i] & 0x3f);
	*s = str_from(*s, n);
	return c;
}

/* Returns false when the character is not allowed. If it is allowed, sets `blank` to whether it has no
 * visible glyph. */
static bool is_printable_char(uint32_t c, bool *blank)
{
	*blank = false;
	if ((c & 0xfffe) == 0xfffe)
		return false;
	for (size_t i = 0; i < array_len(invisible_ranges); i++) {
		if (c < invisible_ranges[i].from || c > invisible_ranges[i].to)
			continue;
		*blank = invisible_ranges[i].kind == CHAR_BLANK;
		return *blank;
	}
	return true;
}

bool printable_is_valid(struct str text, size_t max_characters)
{
	size_t n = 0, n_blank = 0;

	if (text.n == 0 || !str_is_utf8(text))
		return false;
	for (struct str rest = text; rest.n > 0; n++) {
		bool blank;

		if (!is_printable_char(split_first_char(&rest), &blank))
			return false;
		n_blank += blank;
	}
	return n <= max_characters && n_blank < n;
}
