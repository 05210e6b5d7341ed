/* Process-wide state: log level and format, the limit of open files, and deferred stop signals. The functions
 * take plain values, so that this module does not depend on the configuration. For the main thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_PIPE_CLOSED /* the reader of a long output closed the pipe; main() returns 0 for it */
};

/* Sets the log level: "debug", "info", "warn" or "error"; any other text changes nothing. May be called again
 * while other threads log. */
void process_set_log_level(struct str level);
/* Sets the log format: "logfmt" or "json". If stderr is systemd's journal, each line starts with its syslog
 * priority. Call once, before the first thread is started. */
void process_set_log_format(struct str format);
/* Raises the soft limit of open files to what `connections` client connections need, at most to the hard
 * limit. Logs a warning if the hard limit is too low. */
void process_raise_fd_limit(int64_t connections);
/* The number of file descriptors that a server with `connections` client connections needs, including its
 * listeners and its connections to database, provider and mail server. */
int64_t process_fds_needed(int64_t connections);

/* The hard limit of open files; INT64_MAX if there is none or it cannot be read. */
int64_t process_fd_limit(void);

/* For commands that must remove partial output before they end: blocks SIGTERM, SIGINT and SIGHUP from now
 * on. The command has to call process_stop_requested regularly. Signals that are already ignored, such as
 * SIGHUP under nohup, stay ignored. */
void process_defer_stops(void);
/* Reports whether a deferred stop signal has arrived. The argument is unused; the type is that of a
 * cancel_token callback. */
bool process_stop_requested(void *unused_arg);
