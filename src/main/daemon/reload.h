/* Reading the settings again while the server runs (SIGHUP, interface.md 1): log level, rates, limits and
 * webhook secrets are applied, what else changed is named in a warning, a bad file changes nothing. Of the
 * main thread. */
#pragma once

#include "main/daemon/compose.h"

/* Begins zeroed but for `source` and `house`, which outlive it. */
struct reload {
	const struct config_source *source;
	struct runtime *runtime;
	struct arena arena;	/* of what follows */
	struct raw_config *raw; /* as read last; NULL: at the start */
	size_t rules_count;	/* that new rules were made */
};

void reload_run(struct reload *reload);
void reload_finish(struct reload *reload);
