/* Reading the settings again while the server runs (SIGHUP, interface.md 1): log level, rates, limits and
 * webhook secrets are applied, what else changed is named in a warning, a bad file changes nothing. Of the
 * main thread. */
#pragma once

#include "main/compose.h"

/* Begins zeroed but for `source` and `house`, which outlive it. */
struct reload {
	const struct config_source *source;
	struct house *house;
	struct arena arena;	      /* of what follows */
	struct loaded_config *loaded; /* as read last; NULL: at the start */
	size_t times;		      /* that new rules were made */
};

void reload_settings(struct reload *reload);
void reload_finish(struct reload *reload);
