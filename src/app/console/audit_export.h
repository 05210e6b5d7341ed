/* Exports the audit log as a CSV file. */
#pragma once

#include <stddef.h>

#include "app/console/audit_list.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Rows of one file, and entries that are looked at for it. A last line says if there may be more. */
#define AUDIT_EXPORT_ROWS_MAX 10000
#define AUDIT_EXPORT_LOOKED_AT_MAX 1000000
/* The file is at most this large. */
#define AUDIT_EXPORT_MEMORY ((size_t)32 * 1024 * 1024)

/* Writes the entries that the filter selects, newest first, uses up the caller's step-up, and writes the
 * audit entry LIST_EXPORTED with the subject "audit" and the number of rows. `before` and `limit` of the
 * filter are not used. The text is in the arena, which should allow AUDIT_EXPORT_MEMORY bytes. */
enum err console_audit_export(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct str *out, enum console_verdict *verdict) must_use;
