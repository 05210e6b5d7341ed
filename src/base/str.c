#include "base/str.h"

#include <string.h>

/* This file uses no libc functions except mem*, because the KYC rules in domain/, which must be pure, use
 * this file. An empty slice may have a NULL pointer, which must not be passed to the mem* functions. */

struct str str_of(const char *text)
{
	size_t n = 0;

	if (text == NULL)
		return STR("");
	while (text[n] != '\0')
		n++;
	return (struct str){ text, n };
}

static unsigned char to_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (to_lower(a.p[i]) != to_lower(b.p[i]))
			return false;
	}
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq((struct str){ s.p, prefix.n }, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

int str_cmp(struct str a, struct str b)
{
	const size_t shared = a.n < b.n ? a.n : b.n;
	const int comparison = shared == 0 ? 0 : memcmp(a.p, b.p, shared);

	if (comparison != 0)
		return comparison;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_has(struct str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

bool str_cut(struct str *rest, char sep, struct str *first)
{
	const char *found = rest->n > 0 ? memchr(rest->p, sep, rest->n) : NULL;
	const struct str whole = *rest;

	if (found == NULL) {
		*first = whole;
		*rest = str_from(whole, whole.n);
		return false;
	}
	*first = (struct str){ whole.p, (size_t)(found - whole.p) };
	*rest = str_from(whole, first->n + 1);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_from(struct str s, size_t from)
{
	const size_t skipped = from < s.n ? from : s.n;

	if (skipped == 0)
		return s;
	return (struct str){ s.p + skipped, s.n - skipped };
}

bool str_number(struct str s, int64_t max, int64_t *out)
{
	int64_t number = 0;

	if (s.n == 0 || max < 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (number > max / 10 || number * 10 > max - digit)
			return false;
		number = number * 10 + digit;
	}
	*out = number;
	return true;
}

bool str_copy_to(struct str s, char *out, size_t size)
{
	if (s.n >= size || str_has(s, '\0'))
		return false;
	if (s.n > 0)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

/* RFC 3629 section 4: the first byte determines the length of the character and the valid range of the second
 * byte. The ranges exclude overlong forms, surrogates and code points above U+10FFFF. */
struct utf8_pattern {
	unsigned char first_from, first_to, second_from, second_to;
	size_t size;
};

/* clang-format off */
static const struct utf8_pattern utf8_patterns[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};
/* clang-format on */

static const struct utf8_pattern *utf8_pattern_of(unsigned char first)
{
	for (size_t i = 0; i < array_len(utf8_patterns); i++) {
		if (first >= utf8_patterns[i].first_from && first <= utf8_patterns[i].first_to)
			return &utf8_patterns[i];
	}
	return NULL;
}

/* Length in bytes of the UTF-8 character at `p`; 0 if it is not well-formed. */
static size_t utf8_size(const unsigned char *p, size_t n)
{
	const struct utf8_pattern *pattern;

	if (p[0] < 0x80)
		return 1;
	pattern = utf8_pattern_of(p[0]);
	if (pattern == NULL || n < pattern->size || p[1] < pattern->second_from || p[1] > pattern->second_to)
		return 0;
	for (size_t i = 2; i < pattern->size; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return pattern->size;
}

bool str_is_utf8(struct str s)
{
	while (s.n > 0) {
		const size_t size = utf8_size((const unsigned char *)s.p, s.n);

		if (size == 0)
			return false;
		s = str_from(s, size);
	}
	return true;
}
