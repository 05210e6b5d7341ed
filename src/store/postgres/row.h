/* A row of ours as the binary parameters of a PostgreSQL statement, and a value of its answer back; the
 * second half of store/postgres/driver, without libpq. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"
#include "store/sql/statements.h"

#define POSTGRES_PARAMETERS 40

/* As libpq wants them. */
struct postgres_parameters {
	const char *values[POSTGRES_PARAMETERS];
	int lengths[POSTGRES_PARAMETERS], formats[POSTGRES_PARAMETERS];
	char numbers[POSTGRES_PARAMETERS][8];
	int n;
};

/* Nothing is copied but numbers: `call` stays as it is while they are used. */
void postgres_row_write(
	const struct statement *what, const struct sql_call *call, struct postgres_parameters *out);
/* The same for one value of a row, behind those that are there. */
void postgres_value_write(const struct column *c, const void *row, struct postgres_parameters *out);

#define POSTGRES_ARRAYS_ROOM ((size_t)4096)

/* The values of several rows, as one array for each column. */
struct postgres_arrays {
	struct postgres_parameters parameters;
	char room[POSTGRES_ARRAYS_ROOM];
	size_t used;
};
/* `rows` is an array of pointers to them. False: they do not fit. */
bool postgres_arrays_write(
	const struct statement *what, const void *const rows[], size_t n, struct postgres_arrays *out);
static inline struct str postgres_parameter(const struct postgres_parameters *p, size_t i)
{
	return (struct str){ p->values[i], (size_t)p->lengths[i] };
}
/* One column's value into its place in `row`; bytes go into the arena. ERR_STORAGE when it does not fit. */
enum err postgres_row_read(const struct column *c, struct str value, struct arena *arena, void *row) must_use;
/* A number, as the server writes it. */
int64_t postgres_number_read(struct str value);
