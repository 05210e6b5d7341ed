/* The list of all schema migrations. tools/embed.py generates it at build time from the files
 * sql/NNNN_name.sql. Migration n changes the schema from version n - 1 to version n. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct migration {
	int64_t version;
	const char *name, *text; /* file name and SQL text, with the markers of sql/0001_start.sql */
};

struct migrations {
	const struct migration *list;
	size_t n;
};

extern const struct migrations schema_migrations;
