/* Reloads the settings while the server runs (SIGHUP, interface.md 1). Changes of the log level, rates,
 * limits and webhook secrets are applied. For any other changed setting, a warning is logged that it needs a
 * restart. If a setting is invalid, nothing is changed. Called only on the main thread. */
#pragma once

#include "main/daemon/compose.h"

/* The state of all reloads. The caller sets `source` and `runtime`, which must outlive this struct, and
 * zeroes the other members. */
struct reload {
	const struct config_source *source;
	struct runtime *runtime;
	struct arena arena;	/* memory of `raw` */
	struct raw_config *raw; /* settings of the latest reload; NULL before the first reload */
	size_t rules_count;	/* number of struct rules that reloads have allocated */
};

/* Reloads once and logs the result. */
void reload_run(struct reload *reload);
/* Wipes and frees the settings of the latest reload. */
void reload_finish(struct reload *reload);
