/* The list of all schema migrations. tools/embed.py generates it at build time from the files
 * sql/NNNN_name.sql. Migration n changes the schema from version n - 1 to version n. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct migration {
	int64_t version;
	/* File name, and SQL text with the markers that sql/0001_start.sql explains. */
	const char *name, *text;
};

struct migrations {
	const struct migration *list;
	size_t n;
};

extern const struct migrations schema_migrations;
