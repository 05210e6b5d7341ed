/* Process-wide state: log level and format, the limit of open files, and deferred stop signals. The functions
 * take plain values, so that this module does not depend on the configuration. Called only on the main
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	/* The reader of a long output has closed the pipe. main() exits with 0 in this case. */
	EXIT_PIPE_CLOSED
};

/* Sets the log level: "debug", "info", "warn" or "error". Any other text changes nothing. May be called again
 * while other threads log. */
void process_set_log_level(struct str level);
/* Sets the log format: "logfmt" or "json". If stderr is systemd's journal, each line begins with its syslog
 * priority. Must be called once, before the first thread is started. */
void process_set_log_format(struct str format);
/* Raises the soft limit of open files to the number that `connections` client connections need, but not above
 * the hard limit. Logs a warning if the hard limit is too low. */
void process_raise_fd_limit(int64_t connections);
/* Returns the number of file descriptors that a server with `connections` client connections needs, including
 * its listeners and its connections to database, provider and mail server. */
int64_t process_fds_needed(int64_t connections);

/* Returns the hard limit of open files, or INT64_MAX if there is none or it cannot be read. */
int64_t process_fd_limit(void);

/* Returns the name of this machine or container; empty if it cannot be read. */
struct str process_host_name(struct arena *a);

/* Blocks SIGTERM, SIGINT and SIGHUP from now on, for commands that must remove partial output before they
 * end. The command has to call process_stop_requested regularly. Signals that are already ignored, such as
 * SIGHUP under nohup, stay ignored. */
void process_defer_stops(void);
/* Returns true if a deferred stop signal has arrived. The argument is unused; the type is that of a
 * cancel_token callback. */
bool process_stop_requested(void *unused_arg);
