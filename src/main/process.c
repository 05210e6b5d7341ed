#include "main/process.h"

#include <sys/resource.h>

#include "base/log.h"

#define FILES_BESIDE 128

static const struct {
	const char *word;
	enum log_level level;
} levels[] = {
	{ "debug", LOG_DEBUG },
	{ "info", LOG_INFO },
	{ "warn", LOG_WARN },
	{ "error", LOG_ERROR },
};

void process_log(const struct config *config)
{
	for (size_t i = 0; i < array_len(levels); i++)
		if (str_eq(config->log, str_of(levels[i].word)))
			log_level_set(levels[i].level);
}

int64_t process_files_wanted(const struct config *config)
{
	return config->max_connections + FILES_BESIDE;
}

void process_files(const struct config *config)
{
	const rlim_t wanted = (rlim_t)process_files_wanted(config);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= wanted ? wanted
										     : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		log_fact(LOG_WARN, "few_files", LOG_NUMBER("allowed", (int64_t)limit.rlim_cur),
			LOG_NUMBER("wanted", (int64_t)wanted));
}
