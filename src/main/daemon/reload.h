/* Reloads the settings while the server runs (SIGHUP, interface.md 1). Changes of the log level, rates,
 * limits and webhook secrets are applied. For every other changed setting a warning is logged that it needs a
 * restart. If a setting is invalid, nothing is changed. For the main thread. */
#pragma once

#include "main/daemon/compose.h"

/* The caller sets `source` and `runtime`, which outlive it, and zeroes the rest. */
struct reload {
	const struct config_source *source;
	struct runtime *runtime;
	struct arena arena;	/* memory of `raw` */
	struct raw_config *raw; /* the settings of the last reload; NULL before the first one */
	size_t rules_count;	/* number of struct rules allocated by reloads */
};

/* Reloads once and logs the result. */
void reload_run(struct reload *reload);
/* Wipes and frees the settings of the last reload. */
void reload_finish(struct reload *reload);
