#include "port/row_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static size_t write_value(const struct column *c, const char *at, char *out, size_t room)
{
	int64_t number;
	size_t n = 0;

	if (c->kind == COLUMN_ID) {
		n = strnlen(at, c->size);
		n = n < room ? n : room - 1;
		memcpy(out, at, n);
		out[n] = '\0';
		return n;
	}
	if (c->kind == COLUMN_DIGEST) {
		for (size_t i = 0; i < c->size && n + 2 < room; i++, n += 2)
			(void)snprintf(out + n, 3, "%02x", (unsigned)(unsigned char)at[i]);
		return n;
	}
	memcpy(&number, at, sizeof(number));
	n = (size_t)snprintf(out, room, "%" PRId64, number);
	return n < room ? n : room - 1;
}

void row_name_write(enum record_kind of, const void *row, char out[ROW_NAME_SIZE])
{
	const struct record *const r = &records[of];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < r->n_keys && n + 2 < ROW_NAME_SIZE; i++) {
		if (i > 0) {
			out[n++] = ',';
			out[n] = '\0';
		}
		n += write_value(
			&r->columns[i], (const char *)row + r->columns[i].offset, out + n, ROW_NAME_SIZE - n);
	}
}
