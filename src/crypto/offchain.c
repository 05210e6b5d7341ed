#include "crypto/offchain.h"

#include <string.h>

#define VERSION 0
#define LENGTH_BYTES 2

static const struct str domain = STR_INIT("\xFFsolana offchain");

static unsigned char byte_of(struct str s, size_t at)
{
	return (unsigned char)s.p[at];
}

/* Splits `n` bytes off the front of `rest`. */
static bool take_bytes(struct str *rest, size_t n, struct str *out)
{
	if (rest->n < n)
		return false;
	*out = (struct str){ rest->p, n };
	*rest = str_from(*rest, n);
	return true;
}

static bool is_printable(struct str text, bool with_line_ends)
{
	for (size_t i = 0; i < text.n; i++)
		if ((text.p[i] < 0x20 || text.p[i] > 0x7E) && !(with_line_ends && text.p[i] == '\n'))
			return false;
	return true;
}

static bool is_in_format(enum offchain_layout layout, enum offchain_format format, struct str text)
{
	switch (format) {
	case OFFCHAIN_ASCII:
		return is_printable(text, layout == OFFCHAIN_WHOLE);
	case OFFCHAIN_UTF8:
	case OFFCHAIN_LONG:
		return str_is_utf8(text);
	default:
		return false;
	}
}

static bool read_signers(struct str *rest, struct offchain *out)
{
	struct str count;

	if (!take_bytes(rest, 1, &count) || byte_of(count, 0) == 0)
		return false;
	return take_bytes(rest, (size_t)byte_of(count, 0) * OFFCHAIN_KEY, &out->signers);
}

/* Reads the bytes after the version. */
static bool read_layout(struct str rest, enum offchain_layout layout, struct offchain *out)
{
	const bool is_whole = layout == OFFCHAIN_WHOLE;
	struct str format, length;

	*out = (struct offchain){ .layout = layout };
	if (is_whole && !take_bytes(&rest, OFFCHAIN_KEY, &out->application))
		return false;
	if (!take_bytes(&rest, 1, &format) || byte_of(format, 0) > OFFCHAIN_LONG)
		return false;
	if (is_whole && !read_signers(&rest, out))
		return false;
	if (!take_bytes(&rest, LENGTH_BYTES, &length) || rest.n == 0 ||
		rest.n != ((size_t)byte_of(length, 1) << 8 | byte_of(length, 0)))
		return false;
	out->format = (enum offchain_format)byte_of(format, 0);
	out->text = rest;
	return is_in_format(layout, out->format, rest);
}

bool offchain_begins(struct str bytes)
{
	return str_starts(bytes, domain);
}

bool offchain_read(struct str bytes, struct offchain *out)
{
	struct str rest = str_from(bytes, domain.n), version;
	struct offchain found;

	if (!offchain_begins(bytes) || !take_bytes(&rest, 1, &version) || byte_of(version, 0) != VERSION)
		return false;
	if (!read_layout(rest, OFFCHAIN_WHOLE, &found) && !read_layout(rest, OFFCHAIN_SHORT, &found))
		return false;
	if (found.format != OFFCHAIN_LONG && bytes.n > OFFCHAIN_MAX)
		return false;
	*out = found;
	return true;
}

struct writer {
	unsigned char *p;
	size_t n;
};

static void put(struct writer *w, struct str s)
{
	memcpy(w->p + w->n, s.p, s.n);
	w->n += s.n;
}

static void put_byte(struct writer *w, size_t byte)
{
	w->p[w->n++] = (unsigned char)byte;
}

size_t offchain_write(const struct offchain *message, unsigned char out[OFFCHAIN_MAX])
{
	const bool is_whole = message->layout == OFFCHAIN_WHOLE;
	const size_t preamble = domain.n + 1 + 1 + LENGTH_BYTES +
				(is_whole ? OFFCHAIN_KEY + 1 + OFFCHAIN_KEY : 0);
	struct writer w = { out, 0 };

	if (message->text.n == 0 || message->text.n > OFFCHAIN_MAX - preamble ||
		!is_in_format(message->layout, message->format, message->text))
		return 0;
	put(&w, domain);
	put_byte(&w, VERSION);
	for (size_t i = 0; is_whole && i < OFFCHAIN_KEY; i++)
		put_byte(&w, 0); /* no application; devices show it as "not provided" */
	put_byte(&w, message->format);
	if (is_whole) {
		put_byte(&w, 1);
		put(&w, message->signers);
	}
	put_byte(&w, message->text.n & 0xFF);
	put_byte(&w, message->text.n >> 8);
	put(&w, message->text);
	return w.n;
}
