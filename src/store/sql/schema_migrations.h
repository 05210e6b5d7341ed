/* The steps of the schema, from the files sql/NNNN_name.sql; tools/embed.py writes them into the program when
 * it is built. Step n makes version n out of version n - 1. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct migration {
	int64_t version;
	const char *name, *text;
};

struct migrations {
	const struct migration *list;
	size_t n;
};

extern const struct migrations schema_migrations;
