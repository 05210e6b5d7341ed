#include "crypto/offchain.h"

#include <string.h>

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

static unsigned char version_of(enum offchain_layout layout)
{
	return layout == OFFCHAIN_V1 ? 1 : 0;
}

static bool is_in_format(enum offchain_layout layout, enum offchain_format format, struct str text)
{
	switch (format) {
	case OFFCHAIN_ASCII:
		return text.n <= OFFCHAIN_DEVICE_TEXT_MAX && is_printable(text, layout == OFFCHAIN_WHOLE);
	case OFFCHAIN_UTF8:
		return text.n <= OFFCHAIN_DEVICE_TEXT_MAX && str_is_utf8(text);
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

/* Returns whether each signer occurs once and the signers are in ascending order, as version 1 requires. */
static bool is_sorted(struct str signers)
{
	for (size_t at = OFFCHAIN_KEY; at < signers.n; at += OFFCHAIN_KEY)
		if (memcmp(signers.p + at - OFFCHAIN_KEY, signers.p + at, OFFCHAIN_KEY) >= 0)
			return false;
	return true;
}

/* Reads the part of a version 1 message that follows the version. */
static bool read_v1(struct str rest, struct offchain *out)
{
	*out = (struct offchain){ .layout = OFFCHAIN_V1, .format = OFFCHAIN_LONG };
	if (!read_signers(&rest, out) || !is_sorted(out->signers) || rest.n == 0)
		return false;
	out->text = rest;
	return str_is_utf8(rest);
}

/* Reads the part of a version 0 message that follows the version. */
static bool read_v0(struct str rest, enum offchain_layout layout, struct offchain *out)
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

	if (!offchain_begins(bytes) || !take_bytes(&rest, 1, &version) || byte_of(version, 0) > 1)
		return false;
	const bool is_read = byte_of(version, 0) == 1 ? read_v1(rest, &found)
						      : read_v0(rest, OFFCHAIN_WHOLE, &found) ||
								read_v0(rest, OFFCHAIN_SHORT, &found);
	if (is_read)
		*out = found;
	return is_read;
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

static void put_signer(struct writer *w, struct str key)
{
	put_byte(w, 1);
	put(w, key);
}

static void put_length(struct writer *w, size_t n)
{
	put_byte(w, n & 0xFF);
	put_byte(w, n >> 8);
}

/* Returns the size of a preamble with one signer. */
static size_t preamble_size(enum offchain_layout layout)
{
	static const size_t after_version[] = {
		[OFFCHAIN_WHOLE] = OFFCHAIN_KEY + 1 + 1 + OFFCHAIN_KEY + LENGTH_BYTES,
		[OFFCHAIN_SHORT] = 1 + LENGTH_BYTES,
		[OFFCHAIN_V1] = 1 + OFFCHAIN_KEY,
	};

	return domain.n + 1 + after_version[layout];
}

size_t offchain_write(const struct offchain *message, unsigned char out[OFFCHAIN_MAX])
{
	static const char no_application[OFFCHAIN_KEY] = { 0 }; /* 32 zeros stand for no application; devices
							   show "not provided" */
	const struct str application = message->application.n > 0
					       ? message->application
					       : (struct str){ no_application, OFFCHAIN_KEY };
	struct writer w = { out, 0 };

	if (message->text.n == 0 || message->text.n > OFFCHAIN_MAX - preamble_size(message->layout) ||
		!is_in_format(message->layout, message->format, message->text))
		return 0;
	put(&w, domain);
	put_byte(&w, version_of(message->layout));
	if (message->layout == OFFCHAIN_WHOLE)
		put(&w, application);
	if (message->layout != OFFCHAIN_V1)
		put_byte(&w, message->format);
	if (message->layout != OFFCHAIN_SHORT)
		put_signer(&w, message->signers);
	if (message->layout != OFFCHAIN_V1)
		put_length(&w, message->text.n);
	put(&w, message->text);
	return w.n;
}
