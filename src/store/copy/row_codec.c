#include "store/copy/row_codec.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_BYTES 2
#define LENGTH_BYTES 4
#define NUMBER_BYTES 8
#define INITIAL_CAPACITY 1024

static char *row_buf_grow(struct row_buf *b, size_t more)
{
	size_t capacity = b->capacity > 0 ? b->capacity : INITIAL_CAPACITY;
	char *grown;

	if (b->failed || more > ROW_BYTES_MAX - b->n) {
		b->failed = true;
		return NULL;
	}
	while (capacity < b->n + more)
		capacity *= 2;
	if (capacity > b->capacity) {
		grown = realloc(b->p, capacity);
		if (grown == NULL) {
			b->failed = true;
			return NULL;
		}
		b->p = grown;
		b->capacity = capacity;
	}
	b->n += more;
	return b->p + b->n - more;
}

static void append_number(struct row_buf *b, uint64_t number, size_t bytes)
{
	char *const start = row_buf_grow(b, bytes);

	for (size_t i = 0; start != NULL && i < bytes; i++)
		start[i] = (char)(number >> (8 * (bytes - 1 - i)) & 0xff);
}

static uint64_t decode_number(const char *start, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)start[i];
	return number;
}

void row_encode_begin(struct row_buf *b, size_t fields)
{
	b->n = 0;
	b->failed = false;
	append_number(b, fields, COUNT_BYTES);
}

void row_encode_bytes(struct row_buf *b, struct str value)
{
	char *start;

	append_number(b, value.n, LENGTH_BYTES);
	start = row_buf_grow(b, value.n);
	if (start != NULL && value.n > 0)
		memcpy(start, value.p, value.n);
}

void row_encode_number(struct row_buf *b, int64_t number)
{
	append_number(b, NUMBER_BYTES, LENGTH_BYTES);
	append_number(b, (uint64_t)number, NUMBER_BYTES);
}

void row_encode_null(struct row_buf *b)
{
	append_number(b, UINT32_MAX, LENGTH_BYTES);
}

void row_encode_finish(struct row_buf *b)
{
	free(b->p);
	*b = (struct row_buf){ .p = NULL };
}

/* Reads one field and removes it from `rest`. For a NULL field, value.p is NULL. Returns false if `rest` does
 * not contain a complete field. */
static bool decode_field(struct str *rest, struct str *value)
{
	uint32_t n;

	if (rest->n < LENGTH_BYTES)
		return false;
	n = (uint32_t)decode_number(rest->p, LENGTH_BYTES);
	*rest = str_from(*rest, LENGTH_BYTES);
	*value = (struct str){ NULL, 0 };
	if (n == UINT32_MAX)
		return true;
	if (n > rest->n)
		return false;
	*value = (struct str){ rest->p, n };
	*rest = (struct str){ rest->p + n, rest->n - n };
	return true;
}

bool row_encoded_size(struct str bytes, size_t *size)
{
	struct str rest, value;
	uint64_t fields;

	if (bytes.n < COUNT_BYTES)
		return false;
	fields = decode_number(bytes.p, COUNT_BYTES);
	rest = (struct str){ bytes.p + COUNT_BYTES, bytes.n - COUNT_BYTES };
	for (uint64_t i = 0; i < fields; i++) {
		if (!decode_field(&rest, &value))
			return false;
	}
	*size = bytes.n - rest.n;
	return true;
}

static bool number_fits(const struct column *c, struct str value)
{
	int64_t number;

	if (value.n != NUMBER_BYTES)
		return false;
	number = row_decode_number(value);
	if (c->kind == COLUMN_FLAG)
		return number == 0 || number == 1;
	return c->kind != COLUMN_ENUM || (number >= INT_MIN && number <= INT_MAX);
}

static bool value_fits(const struct column *c, struct str value)
{
	if (value.p == NULL)
		return false;
	switch (c->kind) {
	case COLUMN_ID:
		return value.n < c->size && !str_has(value, '\0') && str_is_utf8(value);
	case COLUMN_DIGEST:
		return value.n == c->size;
	case COLUMN_BYTES:
	case COLUMN_MAC:
		return true;
	case COLUMN_INT:
	case COLUMN_ENUM:
	case COLUMN_FLAG:
	case COLUMN_MOMENT:
		break;
	}
	return number_fits(c, value);
}

bool row_fits_table(const struct record *table, struct str encoded, const struct column **bad)
{
	struct row_fields f;
	size_t size = 0;

	*bad = NULL;
	if (!row_encoded_size(encoded, &size) || size != encoded.n ||
		decode_number(encoded.p, COUNT_BYTES) != table->n)
		return false;
	f = row_decode(encoded);
	for (size_t i = 0; i < table->n; i++) {
		if (!value_fits(&table->columns[i], row_decode_next(&f))) {
			*bad = &table->columns[i];
			return false;
		}
	}
	return true;
}

struct row_fields row_decode(struct str encoded)
{
	return (struct row_fields){ str_from(encoded, COUNT_BYTES) };
}

struct str row_decode_next(struct row_fields *f)
{
	struct str value = { NULL, 0 };
	const bool complete = decode_field(&f->rest, &value);

	assert(complete);
	return value;
}

int64_t row_decode_number(struct str value)
{
	assert(value.n == NUMBER_BYTES);
	return (int64_t)decode_number(value.p, NUMBER_BYTES);
}

/* Adds a row to the checksum. The key of its hash is the digest of all rows before it, so the order of the
 * rows changes the result. */
void rows_checksum_add(struct rows_checksum *t, struct str encoded)
{
	struct secret_key previous;

	memcpy(previous.bytes, t->digest, sizeof(previous.bytes));
	keyed_digest(&previous, &encoded, 1, t->digest);
	t->rows++;
}

bool rows_checksum_equal(const struct rows_checksum *a, const struct rows_checksum *b)
{
	return a->rows == b->rows && memcmp(a->digest, b->digest, DIGEST_BYTES) == 0;
}
