#include "mail/mime_body.h"

/* Maximum length of an encoded line, with the soft line break of quoted-printable (RFC 2045). */
#define BODY_LINE_MAX 76

static const char hex[] = "0123456789ABCDEF";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t character_length(struct str s, size_t i)
{
	size_t n = 1;

	while (i + n < s.n && ((unsigned char)s.p[i + n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t mime_unsplittable_length(struct str s, size_t i)
{
	size_t n = character_length(s, i);

	while (is_digit(s.p[i]) && i + n < s.n && is_digit(s.p[i + n]) && n < 16)
		n++;
	return n;
}

/* State of a writer of quoted-printable text (RFC 2045 section 6.7). */
struct qp_writer {
	struct buf *out;
	size_t column;
};

static bool is_literal_in_qp(struct str s, size_t i)
{
	const char c = s.p[i];
	const bool line_end = i + 1 == s.n || s.p[i + 1] == '\n' || s.p[i + 1] == '\r';

	if (c == ' ' || c == '\t')
		return !line_end;
	return c > ' ' && c < 127 && c != '=';
}

/* Writes s[i .. i + n) without splitting it. Starts a new line with a soft line break if it does not fit on
 * the current one. */
static void qp_add_unsplittable(struct qp_writer *q, struct str s, size_t i, size_t n)
{
	size_t length = 0;

	for (size_t k = i; k < i + n; k++)
		length += is_literal_in_qp(s, k) ? 1 : 3;
	if (q->column + length > BODY_LINE_MAX - 1) {
		buf_add(q->out, STR("=\r\n"));
		q->column = 0;
	}
	for (size_t k = i; k < i + n; k++) {
		if (is_literal_in_qp(s, k)) {
			buf_char(q->out, s.p[k]);
			continue;
		}
		buf_char(q->out, '=');
		buf_char(q->out, hex[(unsigned char)s.p[k] >> 4]);
		buf_char(q->out, hex[(unsigned char)s.p[k] & 15]);
	}
	q->column += length;
}

static size_t line_end_length(struct str s, size_t i)
{
	if (s.p[i] == '\n')
		return 1;
	return s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n' ? 2 : 0;
}

void mime_add_quoted_printable(struct buf *out, struct str s)
{
	struct qp_writer q = { .out = out };

	for (size_t i = 0, n; i < s.n; i += n) {
		n = line_end_length(s, i);
		if (n > 0) {
			buf_add(out, STR("\r\n"));
			q.column = 0;
		} else {
			n = mime_unsplittable_length(s, i);
			qp_add_unsplittable(&q, s, i, n);
		}
	}
	buf_add(out, STR("\r\n"));
}

/* Returns the length of the run of digits at the start of the text, or at its end. */
static size_t leading_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}
static size_t trailing_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[s.n - 1 - n]))
		n++;
	return n;
}

void mime_add_base64(struct buf *out, struct str encoded)
{
	struct str line = { encoded.p, 0 };

	for (size_t at = 0; at + 4 <= encoded.n; at += 4) {
		const struct str group = { encoded.p + at, 4 };

		if (line.n + 4 > BODY_LINE_MAX ||
			trailing_digits(line) + leading_digits(group) >= CODE_DIGITS) {
			buf_add(out, line);
			buf_add(out, STR("\r\n"));
			line = (struct str){ group.p, 0 };
		}
		line.n += 4;
	}
	buf_add(out, line);
	buf_add(out, STR("\r\n"));
}
