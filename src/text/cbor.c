#include "text/cbor.h"

/* The upper three bits of an item's first byte (RFC 8949 3.1). */
enum major {
	MAJOR_POSITIVE,
	MAJOR_NEGATIVE,
	MAJOR_BYTES,
	MAJOR_TEXT,
	MAJOR_LIST,
	MAJOR_MAP,
	MAJOR_TAG,
	MAJOR_OTHER
};

/* The lower five bits of the first byte: smaller values are the number itself; from this value on, the number
 * follows in 1, 2, 4 or 8 bytes. */
#define NUMBER_FOLLOWS 24
#define NUMBER_FOLLOWS_MAX 27

/* Reads the first byte and the number that belongs to it. */
static bool read_head(struct str *rest, enum major *major, uint64_t *number)
{
	if (rest->n == 0)
		return false;
	const unsigned char first = (unsigned char)rest->p[0];
	const unsigned low = first & 31;

	*rest = str_from(*rest, 1);
	*major = (enum major)(first >> 5);
	*number = low;
	if (low < NUMBER_FOLLOWS)
		return true;
	const size_t n = low <= NUMBER_FOLLOWS_MAX ? (size_t)1 << (low - NUMBER_FOLLOWS) : 0;
	if (n == 0 || rest->n < n)
		return false;
	*number = 0;
	for (size_t i = 0; i < n; i++)
		*number = *number << 8 | (unsigned char)rest->p[i];
	*rest = str_from(*rest, n);
	return true;
}

static bool read_integer(uint64_t number, bool is_negative, struct cbor_item *item)
{
	if (number > INT64_MAX)
		return false;
	*item = (struct cbor_item){ .kind = CBOR_INTEGER,
		.integer = is_negative ? -1 - (int64_t)number : (int64_t)number };
	return true;
}

static bool read_text(struct str *rest, uint64_t number, enum cbor_kind kind, struct cbor_item *item)
{
	if (number > rest->n)
		return false;
	*item = (struct cbor_item){ .kind = kind, .text = { rest->p, (size_t)number } };
	*rest = str_from(*rest, (size_t)number);
	return true;
}

/* Each item of a list has at least one byte, and each pair of a map at least two. */
static bool read_count(struct str rest, uint64_t number, enum cbor_kind kind, struct cbor_item *item)
{
	if (number > (kind == CBOR_MAP ? rest.n / 2 : rest.n))
		return false;
	*item = (struct cbor_item){ .kind = kind, .count = (size_t)number };
	return true;
}

bool cbor_next(struct str *rest, struct cbor_item *item)
{
	enum major major;
	uint64_t number;

	if (!read_head(rest, &major, &number))
		return false;
	switch (major) {
	case MAJOR_POSITIVE:
	case MAJOR_NEGATIVE:
		return read_integer(number, major == MAJOR_NEGATIVE, item);
	case MAJOR_BYTES:
		return read_text(rest, number, CBOR_BYTES, item);
	case MAJOR_TEXT:
		return read_text(rest, number, CBOR_TEXT, item);
	case MAJOR_LIST:
		return read_count(*rest, number, CBOR_LIST, item);
	case MAJOR_MAP:
		return read_count(*rest, number, CBOR_MAP, item);
	case MAJOR_OTHER:
		*item = (struct cbor_item){ .kind = CBOR_OTHER };
		return true;
	case MAJOR_TAG:
	default:
		return false;
	}
}

bool cbor_skip(struct str *rest)
{
	/* For each level, the number of items that still have to be skipped. */
	size_t left[CBOR_DEPTH_MAX + 1] = { 1 };
	size_t depth = 0;

	while (depth > 0 || left[0] > 0) {
		struct cbor_item item;

		if (left[depth] == 0) {
			depth--;
			continue;
		}
		left[depth]--;
		if (!cbor_next(rest, &item))
			return false;
		if (item.kind != CBOR_LIST && item.kind != CBOR_MAP)
			continue;
		if (depth == CBOR_DEPTH_MAX)
			return false;
		left[++depth] = item.kind == CBOR_MAP ? 2 * item.count : item.count;
	}
	return true;
}
