#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "main/config/warnings.h"
#include "main/daemon/compose.h"
#include "main/daemon/database.h"
#include "main/doctor/checks.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"

/* Maximum number of flushes. Fewer are made if they take longer than FLUSHES_LIMIT_US. */
#define FLUSHES 100
#define FLUSHES_LIMIT_US ((int64_t)2 * 1000 * 1000)
#define FLUSH_BYTES 4096
#define FLUSH_SLOW_US ((int64_t)10 * 1000)
#define MIB ((uint64_t)1024 * 1024)
#define SPACE_WARNING (1024 * MIB)
#define SPACE_ERROR (64 * MIB)

void doctor_check_settings(struct doctor_ctx *ctx)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	size_t n;

	for (size_t i = 0; i < ctx->refusals.n; i++)
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(ctx->refusals.rows[i].text));
	if (!ctx->raw)
		return;
	n = config_warnings_find(&ctx->config, ctx->raw, found);
	for (size_t i = 0; i < n; i++)
		doctor_report(ctx, FINDING_WARNING, "KYCD_%s %s", found[i].name, found[i].sentence);
	if (n == 0 && ctx->refusals.n == 0)
		doctor_report(ctx, FINDING_OK, "all settings are valid, and none is weak");
}

void doctor_check_descriptors(struct doctor_ctx *ctx)
{
	const rlim_t needed = (rlim_t)process_fds_needed(ctx->config.max_connections);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		doctor_report(
			ctx, FINDING_WARNING, "the limit of open files cannot be read: %s", strerror(errno));
	else if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
		doctor_report(ctx, FINDING_WARNING,
			"the limit of open files is %ju, but KYCD_MAX_CONNECTIONS needs %ju: raise the limit "
			"(ulimit -n, LimitNOFILE=) or lower the setting",
			(uintmax_t)limit.rlim_max, (uintmax_t)needed);
	else
		doctor_report(ctx, FINDING_OK,
			"the limit of open files is enough for KYCD_MAX_CONNECTIONS=%" PRId64,
			ctx->config.max_connections);
}

static void report_clock_sync(struct doctor_ctx *ctx)
{
	struct timex t = { .modes = 0 };
	const int state = adjtimex(&t);

	/* A service that may not change the clock may not read its state either. The check `provider`
	 * compares the clock with the provider's. */
	if (state < 0 && errno == EPERM)
		doctor_report(ctx, FINDING_OK,
			"this process may not read whether the clock is synchronised: `timedatectl` shows it");
	else if (state < 0)
		doctor_report(ctx, FINDING_WARNING,
			"the kernel does not report whether the clock is synchronised (%s)", strerror(errno));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_report(ctx, FINDING_WARNING,
			"the clock is not synchronised: run chrony or systemd-timesyncd; provider events are refused "
			"if it is more than 300 s off");
	else
		doctor_report(ctx, FINDING_OK, "the clock is synchronised, with an error of at most %ld ms",
			t.maxerror / 1000);
}

/* Checks the clock without the network. doctor_check_provider also compares it with the provider's clock. */
void doctor_check_clock(struct doctor_ctx *ctx)
{
	report_clock_sync(ctx);
	doctor_check_row_times(ctx);
}

static int compare_int64(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Measures how long flushes of one block each take, and sorts the durations. Returns their number, or 0 if
 * writing or flushing fails. */
static size_t time_flushes(int fd, int64_t micros[FLUSHES])
{
	static const char bytes[FLUSH_BYTES];
	const int64_t end = system_micros() + FLUSHES_LIMIT_US;
	size_t n = 0;

	while (n < FLUSHES && system_micros() < end) {
		const int64_t began = system_micros();

		if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) || fdatasync(fd) != 0)
			return 0;
		micros[n++] = system_micros() - began;
	}
	qsort(micros, n, sizeof(micros[0]), compare_int64);
	return n;
}

static void report_flush_times(struct doctor_ctx *ctx, const char *folder)
{
	const struct str name = arena_printf(&ctx->arena, "%s/.kycd-doctor-XXXXXX", folder);
	char *const path = strdup(name.p);
	int64_t micros[FLUSHES];
	const int fd = path ? mkostemp(path, O_CLOEXEC) : -1;
	size_t n = 0;

	if (fd >= 0) {
		(void)unlink(path);
		n = time_flushes(fd, micros);
		close(fd);
	}
	free(path);
	if (n == 0) {
		doctor_report(ctx, FINDING_ERROR, "the folder %s cannot be written to: %s", folder,
			strerror(errno));
		return;
	}
	const int64_t p50 = micros[n / 2], p99 = micros[n * 99 / 100];
	doctor_report(ctx, p99 > FLUSH_SLOW_US ? FINDING_WARNING : FINDING_OK,
		"a flush to disk takes %.2f ms (median) and %.2f ms (99th percentile)%s", (double)p50 / 1000,
		(double)p99 / 1000,
		p99 > FLUSH_SLOW_US ? ": each response that writes waits for a flush; use a faster disk"
				    : "");
}

static void report_free_space(struct doctor_ctx *ctx, const char *folder)
{
	struct statvfs s;

	if (statvfs(folder, &s) != 0)
		return;
	const uint64_t left = (uint64_t)s.f_bavail * s.f_frsize;
	doctor_report(ctx,
		left < SPACE_ERROR     ? FINDING_ERROR
		: left < SPACE_WARNING ? FINDING_WARNING
				       : FINDING_OK,
		"%" PRIu64 " MiB are free%s", left / MIB,
		left < SPACE_WARNING ? ": free some space, or kycd cannot write any more" : "");
}

void doctor_check_disk(struct doctor_ctx *ctx)
{
	struct str folder;

	/* With PostgreSQL there is nothing to measure: the server's disk is elsewhere, not under the current
	 * folder. */
	if (!database_is_file(&ctx->config)) {
		doctor_report(ctx, FINDING_OK,
			"the database is on a PostgreSQL server: monitor the flush time and free space of its disk there");
		return;
	}
	folder = doctor_database_folder(ctx);
	if (access(folder.p, F_OK) != 0) {
		doctor_report(ctx, FINDING_WARNING,
			"the folder %s does not exist yet: the first start creates it", folder.p);
		return;
	}
	report_flush_times(ctx, folder.p);
	report_free_space(ctx, folder.p);
}
