/* What the settings say about the process itself. May be called again while it runs. */
#pragma once

#include <stdbool.h>

#include "main/config_values.h"

void process_set_log_level(const struct config *config);
/* As many files as the settings may need, as far as the system lets us; a warning when it does not. */
void process_raise_fd_limit(const struct config *config);
/* Files that so many connections need in all: listeners, database, provider and mail are beside them. */
int64_t process_fds_needed(const struct config *config);

/* For a command that must clean up behind itself: from now on a stop (SIGTERM, SIGINT, SIGHUP) does not end
 * it; it is to ask whether one came. What whoever started it has ignored stays ignored (nohup). */
void process_defer_stops(void);
bool process_stop_requested(void *unused_arg);
/* How many the system allows at most; INT64_MAX when it does not say. */
int64_t process_fd_limit(void);
