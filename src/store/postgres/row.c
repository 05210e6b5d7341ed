#include "store/postgres/row.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/attr.h"
#include "base/moment.h"
#include "domain/id.h"

static void put_bytes(struct postgres_parameters *out, struct str bytes)
{
	assert(out->n < POSTGRES_PARAMETERS && bytes.n <= INT32_MAX);
	/* An empty value needs a pointer, because libpq sends SQL NULL for a NULL pointer. */
	out->values[out->n] = bytes.n > 0 ? bytes.p : "";
	out->lengths[out->n] = (int)bytes.n;
	out->formats[out->n] = 1;
	out->n++;
}

/* PostgreSQL's binary integers are big-endian. */
static void put_number(struct postgres_parameters *out, int64_t number)
{
	char *const at = out->scratch[out->n];

	for (int i = 0; i < 8; i++)
		at[i] = (char)((uint64_t)number >> (56 - 8 * i));
	put_bytes(out, (struct str){ at, 8 });
}

void postgres_value_write(const struct column *c, const void *row, struct postgres_parameters *out)
{
	if (column_is_number(c))
		put_number(out, column_number(c, row));
	else
		put_bytes(out, column_bytes(c, row));
}

void postgres_mac_write(
	const struct row_key *key, enum record_kind of, const void *row, struct postgres_parameters *out)
{
	char *const at = out->scratch[out->n];
	const size_t n = row_mac_write(key, of, row, (unsigned char *)at);

	put_bytes(out, (struct str){ at, n });
}

void postgres_row_write(
	const struct statement *what, const struct sql_call *call, struct postgres_parameters *out)
{
	const size_t skip = call->skip < INT64_MAX ? call->skip : INT64_MAX;

	out->n = 0;
	for (size_t i = 0; i < what->n_in; i++) {
		if (what->in[i].kind == COLUMN_MAC)
			postgres_mac_write(what->row_key, what->of, call->parameters, out);
		else
			postgres_value_write(&what->in[i], call->parameters, out);
	}
	if (what->paged) {
		put_number(out, (int64_t)(call->limit + call->extra));
		put_number(out, (int64_t)skip);
	}
}

/* The OIDs of three PostgreSQL types (src/include/catalog/pg_type.dat in PostgreSQL's source). */
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

static int32_t column_oid(const struct column *c)
{
	return column_is_number(c) ? OID_INT8 : c->kind == COLUMN_ID ? OID_TEXT : OID_BYTEA;
}

static void add_word(struct postgres_arrays *out, int32_t word)
{
	for (int i = 0; i < 4; i++)
		out->bytes[out->used++] = (char)((uint32_t)word >> (24 - 8 * i));
}

/* Writes an array in the format that PostgreSQL's array_recv reads. The header contains the number of
 * dimensions, whether there are NULLs, the OID of the element type, the number of elements, and the index of
 * the first element. Then each element follows with its length and its bytes. */
static bool add_array(const struct column *c, const void *const rows[], size_t n, struct postgres_arrays *out)
{
	const int32_t header[] = { 1, 0, column_oid(c), (int32_t)n, 1 };
	size_t needed = sizeof(header);

	for (size_t i = 0; i < n; i++)
		needed += 4 + (column_is_number(c) ? 8 : column_bytes(c, rows[i]).n);
	if (needed > sizeof(out->bytes) - out->used)
		return false;
	for (size_t i = 0; i < array_len(header); i++)
		add_word(out, header[i]);
	for (size_t i = 0; i < n; i++) {
		struct postgres_parameters one = { .n = 0 };
		struct str value;

		postgres_value_write(c, rows[i], &one);
		value = postgres_parameter(&one, 0);
		add_word(out, (int32_t)value.n);
		memcpy(out->bytes + out->used, value.p, value.n);
		out->used += value.n;
	}
	return true;
}

bool postgres_arrays_write(
	const struct statement *what, const void *const rows[], size_t n, struct postgres_arrays *out)
{
	out->used = 0;
	out->parameters.n = 0;
	for (size_t k = 0; k < what->n_in; k++) {
		const size_t start = out->used;

		if (!add_array(&what->in[k], rows, n, out))
			return false;
		put_bytes(&out->parameters, (struct str){ out->bytes + start, out->used - start });
	}
	return true;
}

int64_t postgres_number_read(struct str value)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < value.n; i++)
		bits = bits << 8 | (unsigned char)value.p[i];
	return (int64_t)bits;
}

static enum err read_number(const struct column *c, struct str value, char *at)
{
	if (value.n != 8)
		return ERR_STORAGE;
	const int64_t number = postgres_number_read(value);
	if (c->kind == COLUMN_ENUM) {
		const int word = (int)number;

		if (number < INT_MIN || number > INT_MAX)
			return ERR_STORAGE;
		memcpy(at, &word, sizeof(word));
	} else if (c->kind == COLUMN_FLAG) {
		if (number != 0 && number != 1)
			return ERR_STORAGE;
		*(bool *)at = number == 1;
	} else {
		memcpy(at, &number, sizeof(number));
	}
	return OK;
}

/* Returns ERR_STORAGE for a value that does not fit its column. kycd never writes one, so the database is
 * damaged or was changed by another program. */
enum err postgres_row_read(const struct column *c, struct str value, struct arena *arena, void *row)
{
	char *const at = (char *)row + c->offset;

	if (column_is_number(c))
		return read_number(c, value, at);
	if (c->kind == COLUMN_BYTES) {
		const struct str bytes = arena_copy(arena, value);

		memcpy(at, &bytes, sizeof(bytes));
		return bytes.p != NULL ? OK : ERR_INTERNAL;
	}
	if (c->kind == COLUMN_DIGEST) {
		static_assert(sizeof(struct digest) == 32, "digests are bytes and nothing else");
		if (value.n != c->size)
			return ERR_STORAGE;
		memcpy(at, value.p, c->size);
		return OK;
	}
	memset(at, 0, c->size);
	return str_copy_to(value, at, c->size) ? OK : ERR_STORAGE;
}
