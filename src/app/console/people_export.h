/* Exports the list of the console's page *People* as a CSV file, without addresses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/console/people.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Rows of one file. A last line says if there are more people. */
#define CONSOLE_EXPORT_ROWS_MAX 10000
/* The file is at most this large. A reference has at most 512 bytes. */
#define CONSOLE_EXPORT_MEMORY ((size_t)32 * 1024 * 1024)

/* Writes the people that the query selects, newest first, uses up the caller's step-up, and writes the audit
 * entry LIST_EXPORTED with the number of rows. `query->tenant` is required. The text is in the arena, which
 * should allow CONSOLE_EXPORT_MEMORY bytes. */
enum err console_people_export(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_people_query *query, struct str *out,
	enum console_verdict *verdict) must_use;
