#include "main/platform/process.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/log.h"

#define FILES_BESIDE 128

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "debug", LOG_DEBUG },
	{ "info", LOG_INFO },
	{ "warn", LOG_WARN },
	{ "error", LOG_ERROR },
};

void process_set_log_level(struct str level)
{
	for (size_t i = 0; i < array_len(levels); i++)
		if (str_eq(level, str_of(levels[i].name)))
			log_level_set(levels[i].level);
}

/* systemd names the journal's end of stderr as "DEVICE:INODE" (systemd.exec(5), JOURNAL_STREAM). */
static bool stderr_is_journal(void)
{
	const char *const stream = getenv("JOURNAL_STREAM");
	struct stat facts;
	char own[48];

	if (stream == NULL || fstat(STDERR_FILENO, &facts) != 0)
		return false;
	(void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)facts.st_dev, (uintmax_t)facts.st_ino);
	return str_eq(str_of(stream), str_of(own));
}

void process_set_log_format(struct str format)
{
	log_format_set(
		str_eq(format, STR("json")) ? LOG_FORMAT_JSON : LOG_FORMAT_LOGFMT, stderr_is_journal());
}

int64_t process_fds_needed(int64_t connections)
{
	return connections + FILES_BESIDE;
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

static const int stops[] = { SIGTERM, SIGINT, SIGHUP };

/* A blocked signal waits even where it is ignored: such a one is not blocked. */
void process_defer_stops(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < array_len(stops); i++) {
		struct sigaction now;

		if (sigaction(stops[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaddset(&set, stops[i]);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* It is left pending, so that the answer stays the same. */
bool process_stop_requested(void *unused_arg)
{
	sigset_t pending;
	bool came = false;

	(void)unused_arg;
	sigemptyset(&pending);
	(void)sigpending(&pending);
	for (size_t i = 0; i < array_len(stops); i++)
		came = came || sigismember(&pending, stops[i]) == 1;
	return came;
}
