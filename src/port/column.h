/* A column of a stored record (port/record.h), and how the tables of columns are written. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Kinds of columns: the C type of a row's field, and the type that the database stores. */
enum column_kind {
	COLUMN_ID,     /* char[size], a 0-terminated text; stored as TEXT */
	COLUMN_INT,    /* int64_t; stored as an integer */
	COLUMN_ENUM,   /* an enum; stored as an integer */
	COLUMN_FLAG,   /* bool; stored as the integer 0 or 1 */
	COLUMN_MOMENT, /* moment; stored as an integer, in milliseconds */
	COLUMN_DIGEST, /* struct digest; stored as 32 bytes */
	/* struct str, loaded into tx->arena; stored as bytes. An empty text is stored as an empty value,
	 * never as NULL. */
	COLUMN_BYTES,
	/* The MAC of the row (store/sql/row_mac), the last column of a record that has one. It is no member
	 * of the struct: a store writes it with each row, and checks it whenever it reads one. Stored as
	 * bytes. */
	COLUMN_MAC,
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset, size;
};

/* A column whose value is the member of that name. */
#define COLUMN(kind, type, member)                                                                           \
	{                                                                                                    \
#member, COLUMN_##kind, offsetof(type, member), sizeof(((type *)NULL)->member)               \
	}

/* The column of a record whose rows are authenticated. */
#define MAC_COLUMN                                                                                           \
	{                                                                                                    \
		"mac", COLUMN_MAC, 0, 0                                                                      \
	}

/* Whether the value of the column is a number, also in the database. */
bool column_is_number(const struct column *c);
/* The value of a column that is a number. `row` is a struct of the record. */
int64_t column_number(const struct column *c, const void *row);
/* The value of a column of texts or bytes; not of a MAC. It refers to the row. */
struct str column_bytes(const struct column *c, const void *row);
