/* Converts the rows of port/record.h to binary parameters of PostgreSQL statements, and values of results
 * back. Belongs to store/postgres/driver, but does not need libpq. Safe from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"
#include "store/sql/row_mac.h"
#include "store/sql/statements.h"

#define POSTGRES_PARAMETERS 64

/* The parameters of one statement in the form that libpq expects. */
struct postgres_parameters {
	const char *values[POSTGRES_PARAMETERS];
	int lengths[POSTGRES_PARAMETERS], formats[POSTGRES_PARAMETERS];
	char scratch[POSTGRES_PARAMETERS][ROW_MAC_SIZE]; /* memory for the values that are numbers or MACs */
	int n;
};

/* Writes the parameters of a call. Texts and bytes are not copied, so the row `call->parameters` must not
 * change while `out` is used. */
void postgres_row_write(
	const struct statement *what, const struct sql_call *call, struct postgres_parameters *out);
/* Appends the MAC of a row as a parameter. */
void postgres_mac_write(
	const struct row_key *key, enum record_kind of, const void *row, struct postgres_parameters *out);
/* Appends one value of a row as a parameter; not its MAC. */
void postgres_value_write(const struct column *c, const void *row, struct postgres_parameters *out);

#define POSTGRES_ARRAYS_BYTES ((size_t)4096)

/* The values of several rows: each column has one array, which is one parameter. */
struct postgres_arrays {
	struct postgres_parameters parameters;
	char bytes[POSTGRES_ARRAYS_BYTES]; /* memory of the arrays */
	size_t used;
};
/* Writes the values of the rows. `rows` is an array of `n` pointers to rows. Returns false if the arrays do
 * not fit. */
bool postgres_arrays_write(
	const struct statement *what, const void *const rows[], size_t n, struct postgres_arrays *out);
/* Returns the bytes of parameter `i`, counted from 0. */
static inline struct str postgres_parameter(const struct postgres_parameters *p, size_t i)
{
	return (struct str){ p->values[i], (size_t)p->lengths[i] };
}
/* Converts a value of a result and stores it in the member of `row` that belongs to the column. Bytes are
 * copied into the arena. Returns ERR_STORAGE if the value does not fit the column. */
enum err postgres_row_read(const struct column *c, struct str value, struct arena *arena, void *row) must_use;
/* Reads a binary integer (big-endian). */
int64_t postgres_number_read(struct str value);
