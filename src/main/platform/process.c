#include "main/platform/process.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/log.h"

/* Number of file descriptors for everything but client connections: listeners, database, provider, mail
 * server, pipes. */
#define FDS_BESIDE_CONNECTIONS 128

static const struct {
	const char *name;
	enum log_level level;
} log_levels[] = {
	{ "debug", LOG_DEBUG },
	{ "info", LOG_INFO },
	{ "warn", LOG_WARN },
	{ "error", LOG_ERROR },
};

void process_set_log_level(struct str level)
{
	for (size_t i = 0; i < array_len(log_levels); i++)
		if (str_eq(level, str_of(log_levels[i].name)))
			log_level_set(log_levels[i].level);
}

/* Returns true if stderr is systemd's journal. systemd sets JOURNAL_STREAM to "DEVICE:INODE" of the journal's
 * socket (systemd.exec(5)), but stderr may have been redirected afterwards. */
static bool stderr_is_journal(void)
{
	const char *const stream = getenv("JOURNAL_STREAM");
	struct stat status;
	char stderr_id[48];

	if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
		return false;
	(void)snprintf(
		stderr_id, sizeof(stderr_id), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return str_eq(str_of(stream), str_of(stderr_id));
}

void process_set_log_format(struct str format)
{
	log_format_set(
		str_eq(format, STR("json")) ? LOG_FORMAT_JSON : LOG_FORMAT_LOGFMT, stderr_is_journal());
}

int64_t process_fds_needed(int64_t connections)
{
	return connections + FDS_BESIDE_CONNECTIONS;
}

int64_t process_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY)
		return INT64_MAX;
	return (int64_t)limit.rlim_max;
}

void process_raise_fd_limit(int64_t connections)
{
	const rlim_t wanted = (rlim_t)process_fds_needed(connections);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? wanted
										     : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_event(LOG_WARN, "fd_limit_low", LOG_NUMBER("allowed", (int64_t)limit.rlim_cur),
			LOG_NUMBER("requested", (int64_t)wanted),
			LOG_TEXT("action",
				"raise the limit (ulimit -n, LimitNOFILE=) or lower KYCD_MAX_CONNECTIONS"));
}

static const int stop_signals[] = { SIGTERM, SIGINT, SIGHUP };

/* Signals that the process ignores are not blocked: a blocked signal becomes pending even if its action is
 * SIG_IGN, and process_stop_requested would report it. */
void process_defer_stops(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(stop_signals); i++) {
		struct sigaction action;

		if (sigaction(stop_signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, stop_signals[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* The pending signal is not consumed, so later calls also return true. */
bool process_stop_requested(void *unused_arg)
{
	sigset_t pending;
	bool requested = false;

	(void)unused_arg;
	sigemptyset(&pending);
	(void)sigpending(&pending);
	for (size_t i = 0; i < array_len(stop_signals); i++)
		requested = requested || sigismember(&pending, stop_signals[i]) == 1;
	return requested;
}

struct str process_host_name(struct arena *a)
{
	char name[HOST_NAME_MAX + 1] = "";

	return gethostname(name, sizeof(name) - 1) == 0 ? arena_copy(a, str_of(name)) : STR("");
}
