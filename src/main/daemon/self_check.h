/* Runs `kycd doctor` for the console: as a process of its own, because the checks open the database, call
 * other systems and must not disturb the server. At most one runs at a time, for at most a minute. Each
 * thread may start and read; self_check_open and self_check_close are called on the main thread. */
#pragma once

#include "base/err.h"
#include "main/config/config.h"
#include "port/self_check.h"

/* `config` and `source` are those of the server and outlive the result. */
enum err self_check_open(
	const struct config *config, const struct config_source *source, struct self_check **out) must_use;
/* Stops a run. Accepts NULL. */
void self_check_close(struct self_check *check);
