#include "text/encode.h"

#include <assert.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base62_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void hex_write(const unsigned char *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++) {
		*out++ = hex_digits[bytes[i] >> 4];
		*out++ = hex_digits[bytes[i] & 15];
	}
	*out = '\0';
}

bool hex_read(struct str hex, unsigned char *bytes, size_t n)
{
	if (hex.n / 2 != n || hex.n % 2 != 0)
		return false;
	for (size_t i = 0; i < hex.n; i++)
		if (hex_value(hex.p[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(hex_value(hex.p[2 * i]) * 16 + hex_value(hex.p[2 * i + 1]));
	return true;
}

enum err base64_write(struct arena *a, const unsigned char *bytes, size_t n, struct str *out)
{
	const size_t length = (n + 2) / 3 * 4;
	char *const text = n <= SIZE_MAX / 2 ? arena_bytes(a, length + 1, 1) : NULL;

	if (!text)
		return ERR_INTERNAL;
	for (size_t i = 0, at = 0; i < n; i += 3, at += 4) {
		const size_t left = n - i;
		const uint32_t group = (uint32_t)bytes[i] << 16 |
				       (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				       (left > 2 ? bytes[i + 2] : 0);

		text[at] = base64_digits[group >> 18];
		text[at + 1] = base64_digits[group >> 12 & 63];
		text[at + 2] = left > 1 ? base64_digits[group >> 6 & 63] : '=';
		text[at + 3] = left > 2 ? base64_digits[group & 63] : '=';
	}
	*out = (struct str){ text, length };
	return OK;
}

/* Value of a digit in the standard or URL-safe alphabet (RFC 4648 sections 4 and 5), 0 to 63; -1: not a
 * digit. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Removes the padding. Returns false if the padding is not correct for the text's length. */
static bool base64_unpad(struct str *text)
{
	size_t pad = 0;

	while (pad < text->n && text->p[text->n - 1 - pad] == '=')
		pad++;
	if (pad > 2 || (pad > 0 && text->n % 4 != 0))
		return false;
	text->n -= pad;
	return true;
}

bool base64_read(struct str text, unsigned char *bytes, size_t n)
{
	if (!base64_unpad(&text) || text.n % 4 == 1 || text.n / 4 * 3 + text.n % 4 * 3 / 4 != n)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (base64_value(text.p[i]) < 0)
			return false;
	/* If the last group has 2 digits, it encodes 1 byte and 4 unused bits; if it has 3 digits, 2 bytes
	 * and 2 unused bits. */
	const int unused_bits = text.n % 4 == 2 ? 15 : text.n % 4 == 3 ? 3 : 0;
	if (unused_bits && (base64_value(text.p[text.n - 1]) & unused_bits))
		return false;

	uint32_t bits = 0;
	size_t at = 0;
	for (size_t i = 0; i < text.n; i++) {
		bits = bits << 6 | (uint32_t)base64_value(text.p[i]);
		if (i % 4 != 0)
			bytes[at++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	explicit_bzero(&bits, sizeof(bits)); /* the input may be a secret key */
	return true;
}

enum err base64url_write(struct arena *a, const unsigned char *bytes, size_t n, struct str *out)
{
	struct str standard;

	TRY(base64_write(a, bytes, n, &standard));
	char *const text = arena_bytes(a, standard.n + 1, 1);
	if (!text)
		return ERR_INTERNAL;
	while (standard.n > 0 && standard.p[standard.n - 1] == '=')
		standard.n--;
	for (size_t i = 0; i < standard.n; i++)
		text[i] = standard.p[i] == '+' ? '-' : standard.p[i] == '/' ? '_' : standard.p[i];
	*out = (struct str){ text, standard.n };
	return OK;
}

enum err base64url_read(struct arena *a, struct str text, struct str *bytes)
{
	const size_t n = text.n / 4 * 3 + text.n % 4 * 3 / 4;

	if (str_has(text, '+') || str_has(text, '/') || str_has(text, '='))
		return ERR_INPUT;
	unsigned char *const decoded = arena_bytes(a, n + 1, 1);
	if (!decoded)
		return ERR_INTERNAL;
	if (!base64_read(text, decoded, n))
		return ERR_INPUT;
	*bytes = (struct str){ (const char *)decoded, n };
	return OK;
}

void base62_write(uint64_t value, char *out, size_t digits)
{
	for (size_t i = digits; i-- > 0; value /= 62)
		out[i] = base62_digits[value % 62];
	assert(value == 0);
}

/* Returns the byte that `%XX` at the start of `s` encodes; -1: not a valid escape. */
static int escaped_byte(struct str s)
{
	if (s.n < 3 || hex_value(s.p[1]) < 0 || hex_value(s.p[2]) < 0)
		return -1;
	return hex_value(s.p[1]) * 16 + hex_value(s.p[2]);
}

/* Removes one character, plain or escaped, from the front of `rest` and decodes it. Returns false if the
 * escape is malformed. */
static bool decode_character(struct str *rest, bool is_query, char *c)
{
	const bool is_escaped = rest->p[0] == '%';
	const int byte = is_escaped ? escaped_byte(*rest) : rest->p[0];
	/* An escaped slash in a path must not become a separator, so it stays escaped. */
	const bool stays = !is_escaped || (byte == '/' && !is_query);

	if (is_escaped && byte < 0)
		return false;
	*c = stays ? rest->p[0] : (char)byte;
	if (*c == '+' && is_query && !is_escaped)
		*c = ' ';
	*rest = str_from(*rest, stays ? 1 : 3);
	return true;
}

static enum err percent_decode(struct arena *a, struct str s, bool is_query, struct str *out)
{
	char *const text = arena_bytes(a, s.n + 1, 1);
	size_t n = 0;

	if (!text)
		return ERR_INTERNAL;
	for (; s.n > 0; n++)
		if (!decode_character(&s, is_query, &text[n]) || text[n] == '\0')
			return ERR_INPUT;
	if (!str_is_utf8((struct str){ text, n }))
		return ERR_INPUT;
	*out = (struct str){ text, n };
	return OK;
}

enum err percent_decode_query(struct arena *a, struct str s, struct str *out)
{
	return percent_decode(a, s, true, out);
}

enum err percent_decode_path(struct arena *a, struct str s, struct str *out)
{
	return percent_decode(a, s, false, out);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void percent_encode(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_unreserved(s.p[i]))
			buf_char(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)s.p[i]);
}

/* Returns the HTML entity of a character; the empty slice if the character needs none. */
static struct str entity(char c)
{
	switch (c) {
	case '&':
		return STR("&amp;");
	case '<':
		return STR("&lt;");
	case '>':
		return STR("&gt;");
	case '"':
		return STR("&quot;");
	case '\'':
		return STR("&#39;");
	default:
		return (struct str){ NULL, 0 };
	}
}

void html_escape(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const struct str e = entity(s.p[i]);

		if (e.n)
			buf_add(out, e);
		else
			buf_char(out, s.p[i]);
	}
}
