/* The system page of the console: whether everything works, what to do if not, and the facts behind it. The
 * measurements and the checks are those of the instance that answers. */
#pragma once

#include <stdbool.h>

#include "app/console/system_view.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Memory of one call. */
#define SYSTEM_ARENA ((size_t)512 * 1024)

/* Reads the view. If the result of the checks is out of date and `may_start`, starts a run, which does not
 * delay the answer. */
enum err console_system_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	bool may_start, struct system_view *out, enum console_verdict *verdict) must_use;
/* Starts the checks, unless they are running; an entry of the audit log. */
enum err console_system_check(const struct world *world, struct arena *a, const struct console_caller *caller,
	enum console_verdict *verdict) must_use;
