/* The process itself: log, open files, stop signals. Takes values, not the configuration. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_PIPE_CLOSED /* the reader of a long output closed the pipe: reported as 0 */
};

/* "debug", "info", "warn" or "error"; may be called again while the program runs. */
void process_set_log_level(struct str level);
/* "logfmt" or "json". Lines carry their syslog priority when stderr is systemd's journal. Once, before the
 * first thread. */
void process_set_log_format(struct str format);
/* As many files as the settings may need, as far as the system lets us; a warning when it does not. */
void process_raise_fd_limit(int64_t connections);
/* Files that so many connections need in all: listeners, database, provider and mail are beside them. */
int64_t process_fds_needed(int64_t connections);

/* For a command that must clean up behind itself: from now on a stop (SIGTERM, SIGINT, SIGHUP) does not end
 * it; it is to ask whether one came. What whoever started it has ignored stays ignored (nohup). */
void process_defer_stops(void);
bool process_stop_requested(void *unused_arg);
/* How many the system allows at most; INT64_MAX when it does not say. */
int64_t process_fd_limit(void);
